import type { Position } from "./geometry";

/** WGS 84. */
const equatorialRadius = 6_378_137;
const flattening = 1 / 298.257223563;
const polarRadius = equatorialRadius * (1 - flattening);

const radians = (degrees: number): number => (degrees * Math.PI) / 180;
const degrees = (angle: number): number => (angle * 180) / Math.PI;

/** Vincenty's inverse formula; null where it does not converge, for points nearly opposite each other. */
function vincenty(a: Position, b: Position): number | null {
  const longitudes = radians(b[0] - a[0]);
  const u1 = Math.atan((1 - flattening) * Math.tan(radians(a[1])));
  const u2 = Math.atan((1 - flattening) * Math.tan(radians(b[1])));
  const [sinU1, cosU1, sinU2, cosU2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = longitudes;
  for (let step = 0; step < 200; step++) {
    const [sinLambda, cosLambda] = [Math.sin(lambda), Math.cos(lambda)];
    const sinSigma = Math.hypot(cosU2 * sinLambda, cosU1 * sinU2 - sinU1 * cosU2 * cosLambda);
    if (sinSigma === 0) return 0;
    const cosSigma = sinU1 * sinU2 + cosU1 * cosU2 * cosLambda;
    const sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (cosU1 * cosU2 * sinLambda) / sinSigma;
    const cosSquareAlpha = 1 - sinAlpha * sinAlpha;
    const cosDoubleMid = cosSquareAlpha === 0 ? 0 : cosSigma - (2 * sinU1 * sinU2) / cosSquareAlpha;
    const c = (flattening / 16) * cosSquareAlpha * (4 + flattening * (4 - 3 * cosSquareAlpha));
    const inner = cosDoubleMid + c * cosSigma * (-1 + 2 * cosDoubleMid ** 2);
    const next = longitudes + (1 - c) * flattening * sinAlpha * (sigma + c * sinSigma * inner);
    if (Math.abs(next) > Math.PI) return null;
    if (Math.abs(next - lambda) < 1e-13) {
      return arcLength(sigma, sinSigma, cosSigma, cosSquareAlpha, cosDoubleMid);
    }
    lambda = next;
  }
  return null;
}

function arcLength(
  sigma: number,
  sinSigma: number,
  cosSigma: number,
  cosSquareAlpha: number,
  cosDoubleMid: number,
) {
  const uSquare = (cosSquareAlpha * (equatorialRadius ** 2 - polarRadius ** 2)) / polarRadius ** 2;
  const bigA = 1 + (uSquare / 16_384) * (4096 + uSquare * (-768 + uSquare * (320 - 175 * uSquare)));
  const bigB = (uSquare / 1024) * (256 + uSquare * (-128 + uSquare * (74 - 47 * uSquare)));
  const last = (bigB / 6) * cosDoubleMid * (-3 + 4 * sinSigma ** 2) * (-3 + 4 * cosDoubleMid ** 2);
  const middle = cosSigma * (-1 + 2 * cosDoubleMid ** 2);
  return polarRadius * bigA * (sigma - bigB * sinSigma * (cosDoubleMid + (bigB / 4) * (middle - last)));
}

/** The point a quarter of the globe away from `from`, in the direction of `azimuth`. */
function quarterAway(from: Position, azimuth: number): Position {
  const latitude = radians(from[1]);
  const target = Math.asin(Math.cos(latitude) * Math.cos(azimuth));
  const turn = Math.atan2(Math.sin(azimuth) * Math.cos(latitude), -Math.sin(latitude) * Math.sin(target));
  return [normalised(from[0] + degrees(turn)), degrees(target)];
}

const normalised = (longitude: number): number => longitude - 360 * Math.round(longitude / 360);

/** The shortest way passes the circle a quarter away from `a` somewhere; its length is the least over that circle. */
function throughMidpoint(a: Position, b: Position): number {
  const length = (azimuth: number): number => {
    const middle = quarterAway(a, azimuth);
    const onward: Position = [middle[0] + normalised(b[0] - middle[0]), b[1]];
    const start: Position = [middle[0] - normalised(middle[0] - a[0]), a[1]];
    return (
      (vincenty(start, middle) ?? Number.POSITIVE_INFINITY) +
      (vincenty(middle, onward) ?? Number.POSITIVE_INFINITY)
    );
  };
  const samples = 360;
  let best = 0;
  for (let i = 1; i < samples; i++) {
    if (length((i * 2 * Math.PI) / samples) < length((best * 2 * Math.PI) / samples)) best = i;
  }
  let low = ((best - 1) * 2 * Math.PI) / samples;
  let high = ((best + 1) * 2 * Math.PI) / samples;
  for (let step = 0; step < 60; step++) {
    const third = (high - low) / 3;
    if (length(low + third) < length(high - third)) high -= third;
    else low += third;
  }
  return length((low + high) / 2);
}

/** Length in metres of the shortest line between two positions on the WGS 84 ellipsoid. */
export function geodesicDistance(a: Position, b: Position): number {
  const near: Position = [a[0] + normalised(b[0] - a[0]), b[1]];
  return vincenty(a, near) ?? throughMidpoint(a, near);
}

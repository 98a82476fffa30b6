/** Finds half of a pair without the other, which UTF-8 does not hold: with the u flag a whole pair is one character. */
export const loneSurrogate = /\p{Surrogate}/u;

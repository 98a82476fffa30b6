/** Runs in the page: texts whose contrast with what is behind them is below 4.5 to 1. */
function lowContrasts() {
  const luminance = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const parse = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
  const backgroundOf = (node) => {
    for (let at = node; at !== null; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || (colour[3] ?? 0) === 1) return colour;
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some(
      (child) => child.nodeType === Node.TEXT_NODE && child.textContent?.trim(),
    );
    if (!own || node.getClientRects().length === 0 || node.disabled) continue;
    const style = getComputedStyle(node);
    const colour = parse(node instanceof SVGElement ? style.fill : style.color);
    const holder = node instanceof SVGElement ? node.parentElement?.querySelector("rect") : undefined;
    const behind =
      holder instanceof SVGElement && node.closest(".node")
        ? parse(getComputedStyle(holder).fill)
        : backgroundOf(node);
    const [low, high] = [luminance(colour), luminance(behind)].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) bad.push(`${node.tagName} "${node.textContent?.slice(0, 20)}" ${ratio.toFixed(2)}`);
  }
  return bad;
}

lowContrasts();

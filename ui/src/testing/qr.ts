/// Something that looks like a QR, for looking at screens without a core. It says nothing.
const QUIET = 4;

export function mockQr(modules: number): string {
  const side = modules - 2 * QUIET;
  let seed = 7;
  const finder = (x: number, y: number): boolean | null => {
    for (const [a, b] of [[0, 0], [side - 7, 0], [0, side - 7]] as const) {
      const [u, v] = [x - a, y - b];
      if (u < -1 || u > 7 || v < -1 || v > 7) continue;
      if (u < 0 || v < 0 || u > 6 || v > 6) return false;
      return u % 6 === 0 || v % 6 === 0 || (u > 1 && u < 5 && v > 1 && v < 5);
    }
    return null;
  };
  let path = "";
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      if (finder(x, y) ?? ((seed >> 16) & 1) === 1) path += `M${x + QUIET} ${y + QUIET}h1v1h-1z`;
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${modules} ${modules}"><path fill="#000" d="${path}"/></svg>`;
}

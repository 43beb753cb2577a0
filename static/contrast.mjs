/**
 * Computes the contrast of every pair of colours the pages use, in both themes, from the tokens themselves. The build
 * stops at the first theme in which a text falls under 4.5 : 1 or the edge of a control under 3 : 1 (WCAG 2.2 AA).
 */
const grounds = ["paper", "card", "sunken", "wash"];
const texts = ["ink", "soft", "soga", "soga-press", "nila", "nila-press", "success", "warning", "danger"];
const tones = ["success", "warning", "danger", "info"];

const pairs = [
  ...texts.flatMap((text) => grounds.map((ground) => [text, ground, 4.5])),
  ...tones.flatMap((tone) => [tone, "ink", "soft"].map((text) => [text, `${tone}-wash`, 4.5])),
  ...["soga", "soga-press", "nila", "nila-press", "danger"].map((ground) => ["on-colour", ground, 4.5]),
  ["soga", "info-wash", 4.5],
  ["nila", "info-wash", 4.5],
  ["on-featured", "featured", 4.5],
  ["on-footer", "footer", 4.5],
  ["on-footer-soft", "footer", 4.5],
  ...["paper", "card", "sunken"].map((ground) => ["edge", ground, 3]),
];

function luminance(hex) {
  const full = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join("") : hex.slice(1);
  const [red, green, blue] = [0, 2, 4].map((at) => {
    const part = parseInt(full.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/** Returns how many pairs were checked; throws naming every pair that is too weak. */
export function checkContrast(tokens) {
  const faults = [];
  for (const theme of ["light", "dark"]) {
    const body = tokens.match(new RegExp(`@mixin ${theme} \\{([^}]*)\\}`));
    if (!body) throw new Error(`no theme named ${theme} among the tokens`);
    const colours = Object.fromEntries([...body[1].matchAll(/--([\w-]+):\s*(#[0-9a-f]{3,6});/g)].map((found) => found.slice(1)));
    for (const [text, ground, least] of pairs) {
      if (!colours[text] || !colours[ground]) throw new Error(`${theme}: no colour for ${text} on ${ground}`);
      const ratio = contrast(colours[text], colours[ground]);
      if (ratio < least) faults.push(`${theme}: ${text} on ${ground} is ${ratio.toFixed(2)}, needs ${least}`);
    }
  }
  if (faults.length) throw new Error(`contrast too weak\n  ${faults.join("\n  ")}`);
  return pairs.length * 2;
}

// Looks at the page as it stands and returns what keeps people out: fields and buttons without a name, headings that leave out a
// level, tables without headers, text that is hard to read. It is the value of this script.
(() => {
  const problems = [];
  const say = (node, what) => problems.push(`${what}: ${node.outerHTML.slice(0, 160)}`);
  const shown = (node) => node.checkVisibility({ visibilityProperty: true });
  const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);

  const name = (node) => node.getAttribute('aria-label')
    || (node.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ').trim()
    || [...(node.labels ?? [])].map((label) => label.textContent).join(' ').trim()
    || (node.matches('input, select, textarea') ? '' : node.textContent.trim())
    || node.querySelector?.('img')?.alt;
  for (const node of all('a[href], button, input, select, textarea, [role=region], [role=img], nav, video, dialog')) if (!name(node)) say(node, 'no name');
  for (const node of all('img')) if (!node.hasAttribute('alt')) say(node, 'no alt');
  for (const node of all('canvas')) if (node.getAttribute('role') !== 'img' && node.getAttribute('aria-hidden') !== 'true') say(node, 'no role');
  for (const node of all('[aria-hidden=true]')) if (node.querySelector('a[href], button, input')) say(node, 'hidden, yet it takes the focus');

  for (const selector of ['h1', 'main', 'header', 'nav']) if (all(selector).length !== 1) problems.push(`${all(selector).length} times ${selector}`);
  let level = 0;
  for (const node of all('h1, h2, h3, h4')) {
    const next = Number(node.tagName[1]);
    if (next > level + 1) say(node, `a heading after one of level ${level}`);
    level = next;
  }
  const ids = [...document.querySelectorAll('[id]')].map((node) => node.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) problems.push(`id ${id} twice`);
  for (const node of all('table')) if (!node.caption) say(node, 'no caption');
  for (const node of all('th')) if (!node.scope) say(node, 'no scope');
  if (!document.documentElement.lang) problems.push('no language');
  if (!document.title) problems.push('no title');
  if (document.documentElement.scrollWidth > innerWidth) problems.push(`the page is ${document.documentElement.scrollWidth} wide in ${innerWidth}`);

  // Contrast (WCAG 2.2, 1.4.3), of each text with what is behind it.
  const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return context.getImageData(0, 0, 1, 1).data;
  };
  const over = (front, back) => [0, 1, 2].map((i) => front[i] * front[3] / 255 + back[i] * (1 - front[3] / 255));
  const behind = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      layers.push(colour);
      if (colour[3] === 255) break;
    }
    return layers.reverse().reduce((back, layer) => over(layer, back), [255, 255, 255]);
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() === '' || !shown(node) || node.closest(':disabled, .unseen, .skip, noscript')) continue;
    const style = getComputedStyle(node);
    const back = behind(node);
    const [light, dark] = [luminance(over(rgba(style.color), back)), luminance(back)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < needed) say(node, `contrast ${ratio.toFixed(2)} of ${style.color} on ${back.map(Math.round)}`);
  }
  return problems;
})()

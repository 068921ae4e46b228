// Charts of the last minutes, drawn on a canvas.

import { el, text } from './dom.js';
import { HISTORY } from './store.js';

/** The end of a scale for a largest value: 1, 2, 2.5 or 5 times a power of ten, so that its lines have round numbers. */
export function niceEnd(max, least = 0) {
  const wanted = Math.max(max, least);
  if (!(wanted > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((end) => end >= wanted * 0.999);
}

/**
 * A chart of series over time with its legend.
 * @param {{label: string, format: (value: number) => string, lines: Array<{name: string, colour: string, series: () => ?import('./ring.js').Series}>, least?: number, end?: number, low?: boolean}} options
 *   colour is the name of a property of the style sheet; least is the smallest end of the scale, end a fixed one
 * @returns {{node: HTMLElement, draw: () => void}}
 */
export function chart(options) {
  const canvas = el('canvas', { role: 'img', 'aria-label': options.label });
  const lines = options.lines.map((line) => {
    const swatch = el('i', { 'aria-hidden': 'true' });
    swatch.style.setProperty('--swatch', `var(${line.colour})`);
    const value = el('b', {}, '–');
    return { ...line, swatch, value, entry: el('span', {}, swatch, line.name, ' ', value) };
  });
  const node = el('div', { class: options.low ? 'chart low' : 'chart' }, el('div', { class: 'legend' }, lines.map((line) => line.entry)), canvas);
  const draw = () => {
    const said = [];
    for (const line of lines) {
      const series = line.series();
      const now = series?.size ? options.format(series.ago(0)) : '–';
      text(line.value, now);
      said.push(`${line.name} ${now}`);
    }
    canvas.setAttribute('aria-label', `${options.label}: ${said.join(', ')}`);
    paint(canvas, lines, options);
  };
  return { node, draw };
}

function paint(canvas, lines, options) {
  const at = prepare(canvas);
  if (!at) return;
  const { context, width, height } = at;
  const style = getComputedStyle(canvas);
  const all = lines.map((line) => line.series()).filter(Boolean);
  const end = options.end ?? niceEnd(Math.max(0, ...all.map((series) => series.max())), options.least);
  const top = 8;
  const bottom = height - 16;
  context.font = `11px ${style.fontFamily}`;
  context.textBaseline = 'middle';
  const labels = [0, end / 2, end].map((value) => options.format(value).replace(/(\.\d*?)0+(?=\D|$)/, '$1').replace(/\.(?=\D|$)/, ''));
  const left = Math.ceil(Math.max(...labels.map((label) => context.measureText(label).width))) + 8;
  const area = { left, top, right: width - 2, bottom };
  scale(context, area, labels, style.color);
  for (const line of lines) {
    const series = line.series();
    if (series) curve(context, area, series, end, getComputedStyle(line.swatch).backgroundColor);
  }
}

// A canvas has as many points as its place on the screen has.
function prepare(canvas) {
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (width === 0 || height === 0) return null;
  const ratio = devicePixelRatio;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

function scale(context, area, labels, ink) {
  context.fillStyle = context.strokeStyle = ink;
  context.lineWidth = 1;
  labels.forEach((label, i) => {
    const y = Math.round(area.bottom - (area.bottom - area.top) * i / (labels.length - 1)) + 0.5;
    context.globalAlpha = 0.14;
    context.beginPath();
    context.moveTo(area.left, y);
    context.lineTo(area.right, y);
    context.stroke();
    context.globalAlpha = 0.75;
    context.textAlign = 'right';
    context.fillText(label, area.left - 7, y);
  });
  context.textAlign = 'left';
  context.fillText(`${HISTORY / 60} min ago`, area.left, area.bottom + 10);
  context.textAlign = 'right';
  context.fillText('now', area.right, area.bottom + 10);
  context.globalAlpha = 1;
}

function curve(context, area, series, end, colour) {
  if (series.size === 0) return;
  const step = (area.right - area.left) / (HISTORY - 1);
  const y = (value) => area.bottom - (area.bottom - area.top) * Math.min(1, value / end);
  context.beginPath();
  for (let i = 0; i < series.size; i++) context.lineTo(area.right - i * step, y(series.ago(i)));
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = 1.75;
  context.lineJoin = 'round';
  context.stroke();
  context.lineTo(area.right - (series.size - 1) * step, area.bottom);
  context.lineTo(area.right, area.bottom);
  context.globalAlpha = 0.1;
  context.fill();
  context.globalAlpha = 1;
}

/** Draws a series as a small line without a scale. The figure beside it says the same in words. */
export function spark(canvas, series) {
  const at = prepare(canvas);
  if (!at || !series || series.size < 2) return;
  const { context, width, height } = at;
  const end = series.max() * 1.1 || 1;
  const shown = Math.min(series.size, 60);
  context.beginPath();
  for (let i = 0; i < shown; i++) context.lineTo(width - 1 - i * (width - 2) / 59, height - 2 - (height - 4) * series.ago(i) / end);
  context.strokeStyle = getComputedStyle(canvas).color;
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  context.stroke();
}

// SPDX-License-Identifier: MIT
//
// Latency: a bar chart for each strategy, over one logarithmic axis, and a table of percentiles.
'use strict';

const kBarsHeight = 72;
const kPerBar = 2; // buckets of the emulator: eighths of a power of two
const bucketEnd = (bucket) => 16 * 2 ** (bucket / 8); // microseconds
const barStart = (bar) => bucketEnd(bar * kPerBar - 1);

function svg(name, attributes, text) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function barsOf(histogram) {
  const bars = new Map();
  for (const [bucket, count] of histogram.buckets) {
    const bar = Math.floor(bucket / kPerBar);
    bars.set(bar, (bars.get(bar) || 0) + count);
  }
  return bars;
}

// The range of bars: at least four powers of two, with room on both sides.
function rangeOf(histograms) {
  const bars = histograms.flatMap((histogram) => [...barsOf(histogram).keys()]);
  const low = Math.min(...bars) - 2;
  const high = Math.max(...bars) + 3;
  const missing = Math.max(0, 16 - (high - low));
  return [low - Math.floor(missing / 2), high + Math.ceil(missing / 2)];
}

function drawAxis(chart, x, width) {
  chart.append(svg('line', {class: 'axis', x1: 0, x2: width, y1: kBarsHeight + 16.5,
    y2: kBarsHeight + 16.5}));
  for (let decade = 1; decade <= 1e9; decade *= 10) {
    for (const step of [1, 2, 5]) {
      const at = x(step * decade);
      if (at < 10 || at > width - 22) continue;
      if (step !== 1 && x(10 * decade) - x(decade) < 150) continue;
      const value = step * decade;
      const label = value < 1e6 ? `${value / 1000} ms` : `${value / 1e6} s`;
      chart.append(svg('text', {x: at, y: kBarsHeight + 31, 'text-anchor': 'middle'}, label));
      chart.append(svg('line', {class: 'axis', x1: at, x2: at, y1: 16, y2: kBarsHeight + 16}));
    }
  }
}

function drawMarks(chart, x, histogram) {
  let free = -Infinity; // where the next label fits
  for (const name of ['p50', 'p90', 'p99']) {
    const at = Math.round(x(histogram[`${name}_us`])) + 0.5;
    chart.append(svg('line', {class: 'mark', x1: at, x2: at, y1: 14, y2: kBarsHeight + 16}));
    if (at < free) continue;
    chart.append(svg('text', {x: at, y: 10, 'text-anchor': 'middle'}, name));
    free = at + 28;
  }
}

function drawHistogram(histogram, [low, high], width) {
  const chart = svg('svg', {viewBox: `0 0 ${width} ${kBarsHeight + 36}`, role: 'img',
    'aria-label': `Latencies of ${whole(histogram.count)} events under ${histogram.strategy}: ` +
      `p50 ${ms(histogram.p50_us)}, p90 ${ms(histogram.p90_us)}, p99 ${ms(histogram.p99_us)} ms`});
  const span = Math.log(barStart(high) / barStart(low));
  const x = (microseconds) => Math.log(Math.max(microseconds, 1) / barStart(low)) / span * width;
  drawAxis(chart, x, width);
  const bars = barsOf(histogram);
  const most = Math.max(...bars.values());
  for (const [bar, count] of bars) {
    const height = Math.max(1.5, count / most * kBarsHeight);
    const left = x(barStart(bar));
    const made = svg('rect', {class: 'bar', x: left + 0.5, y: kBarsHeight + 16 - height, height,
      width: Math.max(1, x(barStart(bar + 1)) - left - 1)});
    made.append(svg('title', {}, `${whole(count)} from ${ms(barStart(bar))} to ` +
      `${ms(barStart(bar + 1))} ms`));
    chart.append(made);
  }
  drawMarks(chart, x, histogram);
  return chart;
}

let drawn = '';

function showLatency(histograms) {
  const width = Math.max(240, Math.floor($('latency-title').clientWidth) - 26);
  const wanted = JSON.stringify([width, histograms]);
  if (wanted === drawn) return;
  drawn = wanted;
  $('no-latency').hidden = histograms.length > 0;
  $('percentiles').parentElement.hidden = histograms.length === 0;
  const range = histograms.length ? rangeOf(histograms) : null;
  $('histograms').replaceChildren(
    ...histograms.map((histogram) => drawHistogram(histogram, range, width)));
  const body = $('percentiles').tBodies[0];
  fitRows(body, histograms.length, ['row', 'number', 'number', 'number', 'number']);
  histograms.forEach((histogram, index) => {
    const texts = [histogram.strategy, whole(histogram.count), ms(histogram.p50_us),
      ms(histogram.p90_us), ms(histogram.p99_us)];
    texts.forEach((text, column) => setText(body.rows[index].cells[column], text));
  });
}

// SPDX-License-Identifier: MIT
//
// Elements, and the format of figures. Text is inserted as text, never as markup.
'use strict';

const $ = (id) => document.getElementById(id);

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// Changes a node only when needed, so that selections survive and nothing is redrawn.
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setClass(node, className) {
  if (node.className !== className) node.className = className;
}

const kShown = 8; // characters of a request id that tables show

const formats = [0, 1, 2].map((digits) => new Intl.NumberFormat('en',
  {minimumFractionDigits: digits, maximumFractionDigits: digits}));
const whole = (value) => formats[0].format(value);
const shortId = (id) => id.slice(0, kShown);

function ms(microseconds) {
  if (microseconds === null || microseconds === undefined) return '–';
  const value = microseconds / 1000;
  return formats[value < 100 ? 2 : value < 10000 ? 1 : 0].format(value);
}

const mb = (kilobytes) => (kilobytes ? formats[1].format(kilobytes / 1024) : '–');

function age(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 100) return `${seconds} s`;
  return seconds < 6000 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}

function timeOfDay(milliseconds) {
  const date = new Date(milliseconds);
  const two = (value) => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.` +
    String(date.getMilliseconds()).padStart(3, '0');
}

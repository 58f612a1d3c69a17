// SPDX-License-Identifier: MIT
//
// The table of invocations, and its filter. An invocation is an HTTP request with method, path and
// status, or an event that somebody sent without one.
'use strict';

// "GET /hello"; empty for an event without a request.
const nameOf = (view) => (view.method ? `${view.method} ${view.path}` : '');

const hasFailed = (view) =>
  view.http_status >= 500 || (view.status !== 'ok' && view.status !== 'running');

// "200", "500 error", and "ok" for an event without a request.
function statusText(view) {
  if (!view.http_status || view.status === 'running') return view.status;
  return view.status === 'ok' ? String(view.http_status) : `${view.http_status} ${view.status}`;
}

const invocations = new Map(); // sequence number -> {view, row}
const kInvocationCells = ['quiet', 'row id', '', 'number', 'number', 'number', 'number', 'number',
  'number', 'number quiet', 'quiet'];

function makeInvocationRow(view) {
  const row = element('tr');
  for (const className of kInvocationCells) row.append(makeCell(className));
  const name = nameOf(view);
  const button = element('button', 'path', name || shortId(view.request_id));
  button.type = 'button';
  button.title = name ? `${name}\n${view.request_id}` : view.request_id;
  button.setAttribute('aria-label', `${name ? `${name}, l` : 'L'}og of request ${view.request_id}`);
  row.cells[1].append(button);
  row.dataset.request = view.request_id;
  $('invocations').tBodies[0].prepend(row);
  return row;
}

function fillInvocationRow(row, view, now) {
  const running = view.status === 'running';
  setText(row.cells[0], timeOfDay(view.started_ms));
  const status = element('span', running ? 'running' : hasFailed(view) ? 'failed' : '', statusText(view));
  row.cells[2].replaceChildren(status);
  if (view.error_type) {
    const type = element('span', 'type failed', view.error_type);
    type.title = view.error_type;
    row.cells[2].append(type);
  }
  const figures = running ?
    [ms(Math.max(0, now - view.started_ms) * 1000), '', '', '', '', ''] :
    [ms(view.duration_us), whole(view.billed_ms), ms(view.latency_us), ms(view.queued_us),
      ms(view.init_us), mb(view.memory_kb)];
  figures.forEach((text, index) => setText(row.cells[3 + index], text));
  setClass(row.cells[3], running ? 'number running' : 'number');
  setText(row.cells[9], String(view.environment));
  setText(row.cells[10], view.strategy);
}

function showInvocations(state) {
  for (const view of state.invocations) {
    const known = invocations.get(view.seq);
    const row = known ? known.row : makeInvocationRow(view);
    invocations.set(view.seq, {view, row});
    fillInvocationRow(row, view, state.now_ms);
    markChosen(row);
    row.hidden = !isWanted(view);
  }
  for (const [sequence, {row}] of invocations) { // oldest first
    if (invocations.size <= kMostInvocations) break;
    row.remove();
    invocations.delete(sequence);
  }
  showEmptiness();
}

// The filter by path and status

function isWanted(view) {
  const path = $('path-filter').value.trim().toLowerCase();
  const status = $('status-filter').value;
  if (path && !(nameOf(view) || view.request_id).toLowerCase().includes(path)) return false;
  if (status === 'failed') return hasFailed(view);
  return status === '' || String(view.http_status || '').startsWith(status);
}

function filterRows() {
  for (const {view, row} of invocations.values()) row.hidden = !isWanted(view);
  showEmptiness();
}

function showEmptiness() {
  $('no-invocations').hidden = invocations.size > 0;
  const rows = [...invocations.values()];
  $('no-match').hidden = rows.length === 0 || rows.some(({row}) => !row.hidden);
}

// Asks for running invocations again until they have ended and their clients have replies.
function firstWantedInvocation() {
  let last = 0;
  for (const [sequence, {view}] of invocations) {
    if (view.status === 'running' || (view.method && view.http_status === null)) return sequence;
    last = sequence;
  }
  return last + 1;
}

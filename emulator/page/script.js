// SPDX-License-Identifier: MIT
//
// Asks /_phork/state what is new, twice a second while somebody looks, and shows it. Everything it
// shows was written by a function or its callers: it reaches the page as text, never as markup.
'use strict';

const kInterval = 500; // ms between two questions
const kLongestWait = 8000; // ms, while there is no answer
const kMostInvocations = 200;
const kMostLines = 1000;

// Head and figures

function showFunction(state) {
  const lambda = state.function;
  const strategy = state.latency.length ? state.latency[state.latency.length - 1].strategy : '';
  const facts = [
    strategy, `${lambda.memory_mb} MB${lambda.enforce_memory ? ', enforced' : ''}`,
    `timeout ${lambda.timeout_ms / 1000} s`,
    `up to ${lambda.concurrency} environment${lambda.concurrency === 1 ? '' : 's'}`,
    lambda.idle_timeout_ms ? `ended when idle for ${age(lambda.idle_timeout_ms)}` : '',
    lambda.freeze ? 'frozen between events' : '',
  ];
  setText($('name'), lambda.handler);
  setText($('facts'), facts.filter(Boolean).join(' · '));
  document.title = `${lambda.handler} – phork`;
  $('name').title = lambda.task_root;
}

function showFigures(state) {
  setText($('events'), whole(state.events));
  setText($('errors'), whole(state.errors));
  setClass($('errors'), state.errors ? 'some' : '');
  setText($('queued'), whole(state.queued));
  setClass($('queued'), state.queued ? 'some' : '');
  const lives = state.environments.filter((view) => view.state !== 'none');
  setText($('busy'), whole(lives.filter((view) => view.state === 'busy').length));
  setText($('places'), ` of ${whole(lives.length)}`);
  const latest = state.latency[state.latency.length - 1];
  setText($('p50'), latest ? ms(latest.p50_us) : '–');
  setText($('p99'), latest ? ms(latest.p99_us) : '–');
}

// Tables: as many rows as there are things, their cells changed in place.

function fitRows(body, count, cells) {
  while (body.rows.length > count) body.deleteRow(-1);
  while (body.rows.length < count) {
    const row = body.insertRow();
    for (const className of cells) row.append(element('td', className));
  }
}

const kEnvironmentCells = ['number', '', 'number', 'number', 'number', 'number quiet', 'number quiet'];

function showEnvironments(state) {
  const body = $('environments').tBodies[0];
  const views = state.environments.filter((view) => view.starts > 0 || view.state !== 'none');
  fitRows(body, views.length, kEnvironmentCells);
  views.forEach((view, index) => {
    const cells = body.rows[index].cells;
    const name = view.state === 'none' ? 'ended' : view.state;
    const texts = [String(view.id), `${name} ${age(state.now_ms - view.since_ms)}`,
      whole(view.events), ms(view.init_us), mb(view.memory_kb), view.pid ? String(view.pid) : '–',
      whole(view.starts)];
    texts.forEach((text, column) => setText(cells[column], text));
    setClass(cells[1], `state ${view.state}`);
    cells[1].title = view.request_id;
  });
  $('no-environments').hidden = views.length > 0;
}

// Invocations

const invocations = new Map(); // sequence number -> {view, row}
const kInvocationCells = ['quiet', 'id', '', 'number', 'number', 'number', 'number', 'number',
  'number', 'number quiet', 'quiet'];

function makeInvocationRow(view) {
  const row = element('tr');
  for (const className of kInvocationCells) row.append(element('td', className));
  const button = element('button', '', shortId(view.request_id));
  button.type = 'button';
  button.title = view.request_id;
  row.cells[1].append(button);
  row.dataset.request = view.request_id;
  $('invocations').tBodies[0].prepend(row);
  return row;
}

function fillInvocationRow(row, view, now) {
  const running = view.status === 'running';
  setText(row.cells[0], timeOfDay(view.started_ms));
  const status = element('span', running ? 'running' : view.status === 'ok' ? '' : 'failed', view.status);
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
  }
  for (const [sequence, {row}] of invocations) { // oldest first
    if (invocations.size <= kMostInvocations) break;
    row.remove();
    invocations.delete(sequence);
  }
  $('no-invocations').hidden = invocations.size > 0;
}

// Those that run are asked for again until they have ended.
function firstWantedInvocation() {
  let last = 0;
  for (const [sequence, {view}] of invocations) {
    if (view.status === 'running') return sequence;
    last = sequence;
  }
  return last + 1;
}

// Log

let lastLine = 0;
let chosen = ''; // the request whose lines are shown; empty: all
let following = true;

const kRecord = /^\d{4}-\d\d-\d\dT[\d:.]+Z\t\S+\t(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\t/;
const kPlatform = /^(START|END|REPORT|INIT_START|INIT_REPORT)\b/;
const kPlatformJson = /^\{"time":"[^"]*","type":"platform\.\w+",/;
const kLevels = {WARN: 'warning', WARNING: 'warning', ERROR: 'error', FATAL: 'error'};

// A line without what the columns beside it say already: time and request.
function contentOf(line) {
  const record = kRecord.exec(line.text);
  if (record) {
    const level = record[1] === 'INFO' ? '' : `${record[1]}  `;
    return level + line.text.slice(record[0].length);
  }
  return line.request_id && kPlatform.test(line.text) ?
    line.text.replace(` RequestId: ${line.request_id}`, '') : line.text;
}

// The level that the runtime found, or the logger's in a line of JSON. Platform lines are quiet,
// unless they say that something went wrong.
function levelOf(text) {
  const level = kRecord.exec(text) || /"level(?:_name)?":\s*"([A-Z]+)"/i.exec(text);
  if (level) return kLevels[level[1].toUpperCase()] || '';
  if (/\tStatus: (error|timeout)| Task timed out after | Error: /.test(text)) return 'error';
  if (!kPlatformJson.test(text)) return kPlatform.test(text) ? 'platform' : '';
  return /"status":"(error|timeout)"/.test(text) ? 'error' : 'platform';
}

function makeLine(line) {
  const made = element('div', levelOf(line.text));
  made.dataset.request = line.request_id;
  const request = element('span', 'request', shortId(line.request_id));
  request.title = line.request_id || `environment ${line.environment}`;
  const cut = line.cut_bytes ? ` … (${whole(line.cut_bytes)} bytes more)` : '';
  made.append(element('time', '', timeOfDay(line.time_ms)), request,
    element('span', 'text', contentOf(line) + cut));
  markMatch(made);
  return made;
}

function showLog(lines) {
  if (lines.length === 0) return;
  const log = $('log');
  const added = document.createDocumentFragment();
  for (const line of lines) {
    const missed = line.seq - lastLine - 1;
    if (missed > 0 && lastLine > 0) {
      added.append(element('div', 'gap', `${whole(missed)} lines came too fast to be kept`));
    }
    lastLine = line.seq;
    added.append(makeLine(line));
  }
  log.append(added);
  const spare = log.childElementCount - kMostLines;
  // Who reads above keeps the place: browsers anchor the scroll position.
  for (let i = 0; i < spare; ++i) log.firstElementChild.remove();
  if (following) scrollToEnd();
}

function scrollToEnd() {
  $('log').scrollTop = $('log').scrollHeight;
}

function noteScroll() {
  const log = $('log');
  following = log.scrollHeight - log.scrollTop - log.clientHeight < 24;
  $('follow').hidden = following;
}

// The filter

function markMatch(line) {
  line.classList.toggle('match', chosen !== '' && line.dataset.request === chosen);
}

function markChosen(row) {
  const is = chosen !== '' && row.dataset.request === chosen;
  row.classList.toggle('chosen', is);
  row.cells[1].firstElementChild.setAttribute('aria-pressed', String(is));
}

function choose(request) {
  chosen = request === chosen ? '' : request;
  $('filter').hidden = chosen === '';
  setText($('filter-id'), chosen);
  $('log').classList.toggle('filtered', chosen !== '');
  for (const {row} of invocations.values()) markChosen(row);
  for (const line of $('log').children) markMatch(line);
  following = true;
  scrollToEnd();
}

// The conversation with the emulator

let emulator = 0; // when it was started: another one has nothing of what is shown
let wait = kInterval;
let timer = 0;
let asking = false;

function forget() {
  invocations.clear();
  $('invocations').tBodies[0].replaceChildren();
  $('log').replaceChildren();
  lastLine = 0;
}

async function ask() {
  const answer = await fetch(
    `/_phork/state?invocations=${firstWantedInvocation()}&log=${lastLine + 1}`, {cache: 'no-store'});
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

async function update() {
  let state = await ask();
  if (emulator !== 0 && state.started_ms !== emulator) {
    forget();
    state = await ask();
  }
  emulator = state.started_ms;
  showFunction(state);
  showFigures(state);
  showEnvironments(state);
  showLatency(state.latency);
  showInvocations(state);
  showLog(state.log);
}

function showConnection(live) {
  setText($('connection'), live ? 'live' : 'no answer, trying again');
  setClass($('connection'), live ? 'live' : 'lost');
}

async function turn() {
  clearTimeout(timer);
  if (asking || document.hidden) return;
  asking = true;
  try {
    await update();
    wait = kInterval;
    showConnection(true);
  } catch {
    wait = Math.min(2 * wait, kLongestWait);
    showConnection(false);
  }
  asking = false;
  timer = setTimeout(turn, wait);
}

setText($('example'), `curl ${location.origin}/`);
$('invocations').addEventListener('click', (event) => {
  const row = event.target.closest('tbody tr');
  // Selecting text in a row ends with a click, too.
  const meant = event.target.closest('button') || getSelection().isCollapsed;
  if (row && meant) choose(row.dataset.request);
});
$('clear-filter').addEventListener('click', () => choose(''));
$('follow').addEventListener('click', () => {
  following = true;
  scrollToEnd();
});
$('log').addEventListener('scroll', noteScroll, {passive: true});
new ResizeObserver(() => {
  if (following) scrollToEnd();
}).observe($('log'));
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && chosen !== '') choose('');
});
document.addEventListener('visibilitychange', turn);
turn();

// SPDX-License-Identifier: MIT
//
// Polls /_phork/state twice a second while the page is visible, and shows what is new. The data comes
// from a function and its callers, so it is inserted as text, never as markup.
'use strict';

const kInterval = 500; // ms between two requests
const kLongestWait = 8000; // ms between two requests while there is no answer
const kMostInvocations = 200;
const kMostLines = 1000;

// Head and figures

function showFunction(state) {
  const lambda = state.function;
  const strategy = state.latency.length ? state.latency[state.latency.length - 1].strategy : '';
  const facts = [
    strategy, state.refill ? `refill ${state.refill}` : '', `${lambda.memory_mb} MB${lambda.enforce_memory ? ', enforced' : ''}`,
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

// Tables. Rows are added and removed to fit, and their cells changed in place.

function fitRows(body, count, cells) {
  while (body.rows.length > count) body.deleteRow(-1);
  while (body.rows.length < count) {
    const row = body.insertRow();
    for (const className of cells) row.append(makeCell(className));
  }
}

// 'row CLASSES' is the header of its row.
function makeCell(className) {
  const words = className.split(' ');
  if (words[0] !== 'row') return element('td', className);
  const made = element('th', words.slice(1).join(' '));
  made.scope = 'row';
  return made;
}

const kEnvironmentCells = ['row number', '', 'number', 'number', 'number', 'number quiet', 'number quiet'];

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

// Log

let lastLine = 0;
let chosen = ''; // the request whose lines are shown; empty: all requests
let following = true;

const kRecord = /^\d{4}-\d\d-\d\dT[\d:.]+Z\t\S+\t(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\t/;
const kPlatform = /^(START|END|REPORT|INIT_START|INIT_REPORT)\b/;
const kPlatformJson = /^\{"time":"[^"]*","type":"platform\.\w+",/;
const kLevels = {WARN: 'warning', WARNING: 'warning', ERROR: 'error', FATAL: 'error'};

// A line without its time and request, which have columns of their own.
function contentOf(line) {
  const record = kRecord.exec(line.text);
  if (record) {
    const level = record[1] === 'INFO' ? '' : `${record[1]}  `;
    return level + line.text.slice(record[0].length);
  }
  return line.request_id && kPlatform.test(line.text) ?
    line.text.replace(` RequestId: ${line.request_id}`, '') : line.text;
}

// The level in a record of the runtime, or of a logger's line in JSON. Platform lines are quiet unless
// they report a failure.
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
      added.append(element('div', 'gap', `${whole(missed)} lines were too many to keep`));
    }
    lastLine = line.seq;
    added.append(makeLine(line));
  }
  log.append(added);
  const spare = log.childElementCount - kMostLines;
  // A reader further up keeps the place: browsers anchor the scroll position.
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

// Announcements to screen readers. Figures change too often to be read out; failures are.

let errorsAnnounced = 0;

function announce(text) {
  setText($('news'), text);
}

function announceErrors(state) {
  const more = state.errors - errorsAnnounced;
  if (more > 0) announce(`${whole(more)} ${more === 1 ? 'event has' : 'events have'} failed`);
  errorsAnnounced = state.errors;
}

// Hints under the tables that are wider than their region

function showHints() {
  for (const table of document.querySelectorAll('.table')) {
    const hint = table.parentElement.querySelector('.hint');
    hint.hidden = table.scrollWidth <= table.clientWidth;
  }
}

// The choice of one request

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
  announce(chosen === '' ? 'Log of all requests' : `Log of request ${chosen}`);
  following = true;
  scrollToEnd();
}

// Polling

let emulator = 0; // its start time: another emulator knows nothing of what is shown
let wait = kInterval;
let timer = 0;
let asking = false;

function forget() {
  invocations.clear();
  $('invocations').tBodies[0].replaceChildren();
  filterRows();
  $('log').replaceChildren();
  lastLine = 0;
  errorsAnnounced = 0;
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
  showHints();
  announceErrors(state);
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

$('filters').addEventListener('input', filterRows);
setText($('example'), `curl ${location.origin}/`);
$('invocations').addEventListener('click', (event) => {
  const row = event.target.closest('tbody tr');
  // A click that ends a selection of text does not choose the row.
  const meant = event.target.closest('button') || getSelection().isCollapsed;
  if (row && meant) choose(row.dataset.request);
});
// Both buttons disappear, so the focus moves on to the log.
$('clear-filter').addEventListener('click', () => {
  choose('');
  $('log').focus({preventScroll: true});
});
$('follow').addEventListener('click', () => {
  following = true;
  scrollToEnd();
  $('log').focus({preventScroll: true});
});
$('log').addEventListener('scroll', noteScroll, {passive: true});
new ResizeObserver(() => {
  if (following) scrollToEnd();
  showHints();
}).observe($('log'));
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && chosen !== '') choose('');
});
document.addEventListener('visibilitychange', turn);
turn();

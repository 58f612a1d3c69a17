// SPDX-License-Identifier: MIT
#include "runtime/tracing/tracer.h"

#include <condition_variable>
#include <deque>
#include <netdb.h>
#include <sys/socket.h>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/log.h"
#include "runtime/lambda/api_connection.h"

namespace phork::tracing {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

// More spans than this wait only where nobody takes them.
constexpr std::size_t kMostWaiting = 1000;

Moment now() {
  return std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now());
}

Span make_span(const TraceContext& context, std::string name, Moment begin, Moment end) {
  return {context, make_span_id(), std::move(name), begin, end};
}

Span event_span(const TraceContext& context, const ServedEvent& event) {
  Span span = make_span(context, "event", event.taken, event.taken + event.latency);
  span.failed = event.failed;
  span.texts = {{"faas.invocation_id", std::string(event.request_id)},
                {"phork.strategy", std::string(event.strategy)}};
  span.numbers = {{"phork.php_us", static_cast<std::int64_t>(event.php_us)},
                  {"phork.minor_faults", event.minor_faults},
                  {"phork.generation", event.generation},
                  {"phork.ready_us", static_cast<std::int64_t>(event.ready_us)}};
  return span;
}

// Sends spans in the form of the receiver. One thread.
class Sender : private base::Pinned {
 public:
  explicit Sender(const Receiver& receiver)
      : receiver_(receiver),
        connection_(receiver.endpoint,
                    {.user_agent = "phork/" PHORK_VERSION, .timeout = receiver.timeout}) {}

  // False when the receiver did not take them.
  bool send(const std::vector<Span>& spans) {
    return receiver_.format == base::Trace::kXray ? send_datagrams(spans) : post(spans);
  }

 private:
  bool post(const std::vector<Span>& spans) {
    const std::string body = otlp_request(spans, receiver_.resource);
    const auto reply = connection_.post(
        receiver_.path, "Content-Type: application/json\r\n" + receiver_.header_lines, body);
    if (!reply) return complain(reply.error().text);
    if (reply->status < 300) return true;
    return complain("tracing: send spans to " + receiver_.endpoint.text() +
                    ": expected status 200, got " + std::to_string(reply->status));
  }

  bool send_datagrams(const std::vector<Span>& spans) {
    if (!socket_.valid() && !connect()) return false;
    for (const Span& span : spans) {
      const std::string datagram = xray_datagram(span);
      // An error is of an earlier datagram, for which nobody listened.
      ::send(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    return true;
  }

  bool connect() {
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    const std::string port = std::to_string(receiver_.endpoint.port);
    const int code = ::getaddrinfo(receiver_.endpoint.host.c_str(), port.c_str(), &hints, &found);
    if (code != 0) {
      return complain("tracing: find X-Ray's daemon " + receiver_.endpoint.text() + ": " +
                      ::gai_strerror(code));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
    base::Fd socket(::socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket.valid() || ::connect(socket.get(), found->ai_addr, found->ai_addrlen) == -1) {
      return complain(
          base::system_error("tracing: connect to " + receiver_.endpoint.text(), errno).text);
    }
    socket_ = std::move(socket);
    return true;
  }

  // Once: a receiver that is away is away for each event.
  bool complain(const std::string& text) {
    if (!std::exchange(complained_, true)) base::log_warn(text + "; these spans are lost");
    return false;
  }

  const Receiver receiver_;
  lambda::ApiConnection connection_;
  base::Fd socket_;
  bool complained_ = false;
};

}  // namespace

struct Tracer::Queue {
  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::deque<Span> spans;
  bool ending = false;
  bool ended = false;

  void add(Span span) {
    const std::lock_guard lock(mutex);
    if (spans.size() == kMostWaiting) spans.pop_front();
    spans.push_back(std::move(span));
    changed.notify_all();
  }
};

Tracer::Tracer(Receiver receiver)
    : began_(now()),
      queue_(std::make_shared<Queue>()),
      thread_([queue = queue_, receiver = std::move(receiver)] { run(queue, receiver); }) {}

Tracer::~Tracer() {
  bool ended = false;
  {
    std::unique_lock lock(queue_->mutex);
    queue_->ending = true;
    queue_->changed.notify_all();
    ended = queue_->changed.wait_for(lock, kEndTime, [this] { return queue_->ended; });
  }
  if (ended) {
    thread_.join();
  } else {
    thread_.detach();  // it has all that it uses, and ends with the process
  }
}

void Tracer::run(const std::shared_ptr<Queue>& queue, const Receiver& receiver) {
  Sender sender(receiver);
  std::unique_lock lock(queue->mutex);
  while (true) {
    queue->changed.wait(lock, [&] { return !queue->spans.empty() || queue->ending; });
    if (queue->spans.empty()) break;
    const std::vector<Span> spans(queue->spans.begin(), queue->spans.end());
    queue->spans.clear();
    lock.unlock();
    const bool sent = sender.send(spans);
    lock.lock();
    if (!sent && queue->ending) break;
  }
  queue->ended = true;
  queue->changed.notify_all();
}

void Tracer::await_restore() {
  boot_ended_ = now();
}

void Tracer::restored() {
  restored_ = now();
}

// The time in the snapshot, which may be days, belongs to neither span.
void Tracer::add_start(const TraceContext& context, Moment asked) {
  queue_->add(make_span(context, "boot", began_, boot_ended_.value_or(asked)));
  if (restored_) queue_->add(make_span(context, "restore", *restored_, asked));
}

void Tracer::served(unsigned slot, const ServedEvent& event) {
  const std::optional<TraceContext> context = read_context(event.trace);
  const bool sampled = context && context->sampled;
  const bool knows_asked = event.asked != Moment();
  std::optional<Last> before;
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = last_.find(slot); found != last_.end()) {
      before = std::move(found->second);
      last_.erase(found);
    }
    if (sampled) last_[slot] = {*context, event.taken + event.latency};
    is_first = !std::exchange(boot_told_, true);
  }
  if (before && knows_asked && event.asked >= before->end) {
    queue_->add(make_span(before->context, "refill", before->end, event.asked));
  }
  if (!sampled) return;
  if (is_first && knows_asked) add_start(*context, event.asked);
  queue_->add(event_span(*context, event));
}

}  // namespace phork::tracing

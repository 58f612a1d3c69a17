// SPDX-License-Identifier: MIT
#include "supervisor/worker_output.h"

#include <algorithm>
#include <unistd.h>
#include <utility>

namespace phork::supervisor {

using base::LogRecord;

base::Result<std::vector<process::FdMapping>> WorkerOutput::open(std::vector<base::Fd>& theirs) {
  std::vector<process::FdMapping> mappings;
  constexpr std::array kSources{LogRecord::Source::kPhpOutput, LogRecord::Source::kPhpError};
  constexpr std::array kNumbers{STDOUT_FILENO, STDERR_FILENO};
  reads_(false);
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    auto pipe = base::open_pipe();
    if (!pipe) return std::move(pipe).error();
    Stream& stream = streams_.at(i);
    stream.watch.reset();
    stream.source = kSources.at(i);
    stream.tag = {};
    stream.reader = process::LineReader(std::move(pipe->first));
    stream.watch = loop_.on_readable(stream.reader.fd(), [this, &stream] { read_some(stream); });
    mappings.push_back({pipe->second.get(), kNumbers.at(i)});
    theirs.push_back(std::move(pipe->second));
  }
  return mappings;
}

// The tag is asked for before the bytes are read: they are there already, so they belong to the
// event that is under way now.
void WorkerOutput::read_some(Stream& stream) {
  reads_(true);
  retag(stream);
  if (!stream.reader.read_some(log_as(stream))) stream.watch.reset();
  const auto is_open = [](const Stream& each) { return each.reader.has_open_line(); };
  if (std::ranges::none_of(streams_, is_open)) reads_(false);
}

void WorkerOutput::catch_up() {
  for (Stream& stream : streams_) read_some(stream);
}

void WorkerOutput::drain() {
  for (Stream& stream : streams_) {
    retag(stream);
    if (!stream.reader.drain(log_as(stream))) stream.watch.reset();
    stream.reader.end_line(log_as(stream));
  }
  reads_(false);
}

void WorkerOutput::retag(Stream& stream) {
  LineTag tag = tag_();
  if (tag == stream.tag) return;
  stream.reader.end_line(log_as(stream));
  stream.tag = std::move(tag);
}

process::LineReader::Sink WorkerOutput::log_as(const Stream& stream) {
  return [&stream](std::string_view line) {
    base::log(
        {stream.source, base::LogLevel::kInfo, stream.tag.request_id, stream.tag.tenant_id, line});
  };
}

}  // namespace phork::supervisor

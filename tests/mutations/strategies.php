<?php
// SPDX-License-Identifier: MIT
//
// Edits of strategies/.

declare(strict_types=1);

return [
    [
        'file' => 'strategies/registry.cpp',
        'find' => 'return base::equal_in_any_case(word, {&entry.letter, 1}) ||',
        'put' => 'return word == std::string_view(&entry.letter, 1) ||',
        'suite' => 'unit/strategies', 'test' => 'found by its name and by its letter',
        'why' => 'a letter in lower case is unknown',
    ],
    [
        'file' => 'strategies/fpm/cgi_response.cpp',
        'find' => 'digits.size() != 3 || !code || *code < 100',
        'put' => '!code || *code < 100',
        'suite' => 'unit/strategies', 'test' => 'the error about a malformed header line',
        'why' => 'a status of four digits is taken',
    ],
    [
        'file' => 'strategies/fpm/cgi_response.cpp',
        'find' => 'if (head_bytes_ > kMaxHeadBytes) {',
        'put' => 'if (false) {',
        'suite' => 'unit/strategies', 'test' => 'the limit holds for the head and not for the body',
        'why' => 'a head has no limit',
    ],
    [
        'file' => 'strategies/fpm/cgi_response.cpp',
        'find' => "if (line.ends_with('\\r')) line.remove_suffix(1);",
        'put' => '',
        'suite' => 'unit/strategies', 'test' => 'status, headers in order and body are split',
        'why' => 'a carriage return is a part of the line',
    ],
    [
        'file' => 'strategies/fpm/fastcgi.cpp',
        'find' => 'text.size() < kLongLengthFrom ? 1 : 4',
        'put' => '1',
        'suite' => 'unit/strategies', 'test' => 'a variable may fill a record; with one byte more',
        'why' => 'the bytes of a long length do not count',
    ],
    [
        'file' => 'strategies/fpm/fastcgi.cpp',
        'find' => 'if (content.size() + wanted > kMaxContentBytes) {',
        'put' => 'if (content.size() + wanted > kMaxContentBytes + 1) {',
        'suite' => 'unit/strategies', 'test' => 'variables that fill a record together are in one',
        'why' => 'a record has one byte too many',
    ],
    [
        'file' => 'strategies/fpm/log.cpp',
        'find' => 'const bool signalled = skip(rest, " exited on signal ");',
        'put' => 'const bool signalled = !skip(rest, " exited on signal ");',
        'suite' => 'unit/strategies', 'test' => 'has its signal or exit code',
        'why' => "signal and exit code of a worker's end are exchanged",
    ],
    [
        'file' => 'strategies/fpm/log.cpp',
        'find' => 'output ? Source::kPhpOutput : Source::kPhpError',
        'put' => 'output ? Source::kPhpError : Source::kPhpOutput',
        'suite' => 'unit/strategies', 'test' => 'output and errors are distinguished, and quotes',
        'why' => 'output and errors of a worker are exchanged',
    ],
    [
        'file' => 'strategies/fpm/messages.cpp',
        'find' => 'std::erase_if(reply.headers, is_outcome);',
        'put' => '',
        'suite' => 'unit/strategies', 'test' => 'without the header Phork-Outcome',
        'why' => "phork's own header reaches the client",
    ],
    [
        'file' => 'strategies/fpm/messages.cpp',
        'find' => 'if (reply.body_bytes > reply.body.size()) return too_large(reply);',
        'put' => 'if (reply.body.empty() && reply.body_bytes != 0) return too_large(reply);',
        'suite' => 'unit/strategies', 'test' => 'a body that was too long to keep is not an answer',
        'why' => 'an answer that was cut is sent',
    ],
    [
        'file' => 'strategies/fpm/pool.cpp',
        'find' => '      "decorate_workers_output = yes\n"',
        'put' => '      "decorate_workers_output = no\n"',
        'suite' => 'unit/strategies', 'test' => 'decorates the lines of workers',
        'why' => 'lines of a worker cannot be told apart',
    ],
];

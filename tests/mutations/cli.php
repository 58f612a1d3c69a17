<?php
// SPDX-License-Identifier: MIT
//
// Edits of cli/.

declare(strict_types=1);

return [
    [
        'file' => 'cli/terminal.cpp',
        'find' => 'line.substr(0, kWidth)',
        'put' => 'line',
        'suite' => 'unit/cli', 'test' => 'a line is never wider than a terminal',
        'why' => 'a long line wraps and cannot be erased',
    ],
    [
        'file' => 'cli/terminal.cpp',
        'find' => 'if (!shown_) return;',
        'put' => 'return;',
        'suite' => 'unit/cli', 'test' => 'and the end erases the line',
        'why' => 'the last step stays on the terminal',
    ],
    [
        'file' => 'cli/terminal.cpp',
        'find' => 'if (!terminal_) {',
        'put' => 'if (false) {',
        'suite' => 'unit/cli', 'test' => 'elsewhere each step is a line',
        'why' => 'a log file gets control characters',
    ],
];

<?php
// SPDX-License-Identifier: MIT
//
// Edits of audit/.

declare(strict_types=1);

return [
    [
        'file' => 'audit/report.cpp',
        'find' => 'tally(report.probe)[Verdict::kLeak] > 0',
        'put' => 'tally(report.probe)[Verdict::kLeak] > 1',
        'suite' => 'unit/audit', 'test' => 'a leak under a strategy that promises isolation counts',
        'why' => 'a single leak does not count',
    ],
    [
        'file' => 'audit/report.cpp',
        'find' => 'if (leaks(strategy)) return Outcome::kLeak;',
        'put' => 'if (leaks(strategy)) outcome = Outcome::kLeak;',
        'suite' => 'unit/audit', 'test' => 'a leak outweighs an open question',
        'why' => 'a later open question hides a leak',
    ],
    [
        'file' => 'audit/report.cpp',
        'find' => 'if (!strategy.counts()) continue;',
        'put' => '',
        'suite' => 'unit/audit', 'test' => 'leaks under a strategy that promises no isolation',
        'why' => 'strategies that were not named count',
    ],
    [
        'file' => 'audit/application_record.cpp',
        'find' => '!(other_boot && is_variable(key))',
        'put' => '!(other_boot && !is_variable(key))',
        'suite' => 'unit/audit', 'test' => 'a variable whose value differs between two boots',
        'why' => 'values of two boots are compared',
    ],
    [
        'file' => 'audit/application_record.cpp',
        'find' => 'if (!before.contains(key)) note(',
        'put' => 'if (false) note(',
        'suite' => 'unit/audit', 'test' => 'a key that is added, removed or changed is reported',
        'why' => 'state that an event adds is not seen',
    ],
    [
        'file' => 'audit/application_record.cpp',
        'find' => '++found->second.times;',
        'put' => '',
        'suite' => 'unit/audit', 'test' => 'a value that changes repeatedly is one change',
        'why' => 'repeated changes are not counted',
    ],
];

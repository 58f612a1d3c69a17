<?php
// SPDX-License-Identifier: MIT
//
// Edits of supervisor/.

declare(strict_types=1);

return [
    [
        'file' => 'supervisor/forked_slots.cpp',
        'find' => '++crashes_ >= kMostCrashes',
        'put' => '++crashes_ > kMostCrashes',
        'suite' => 'integration/runtime/lifecycle',
        'test' => 'after sixteen crashes another zygote boots',
        'why' => 'a zygote has one crash more than its limit',
    ],
    [
        'file' => 'supervisor/forked_slots.cpp',
        'find' => '++killed_boots_ < kMostKilledBoots',
        'put' => '++killed_boots_ < 1000 * kMostKilledBoots',
        'suite' => 'integration/zygote/zygote_end',
        'test' => "bootstrap ends when each of a zygote's successors is killed",
        'why' => 'killed boots have no limit',
    ],
    [
        'file' => 'supervisor/config.cpp',
        'find' => 'memory && *memory < kMemoryOfWholeProcessor',
        'put' => 'memory && *memory <= kMemoryOfWholeProcessor',
        'suite' => 'unit/supervisor', 'test' => 'PHORK_REFILL: auto is before on less than a whole',
        'why' => 'a whole processor counts as less',
    ],
    [
        'file' => 'supervisor/config.cpp',
        'find' => 'if (config.settings.streams && !config.strategy->streams) {',
        'put' => 'if (false) {',
        'suite' => 'unit/supervisor', 'test' => 'PHORK_RESPONSE=stream is refused for fpm',
        'why' => 'a setting without effect is taken',
    ],
    [
        'file' => 'supervisor/seat.cpp',
        'find' => 'if (after.has_event() && after.event != record.event) {',
        'put' => 'if (false) {',
        'suite' => 'unit/supervisor',
        'test' => 'a worker that goes on while it is interrupted keeps the deadline',
        'why' => 'the deadline of a next event is lost',
    ],
];

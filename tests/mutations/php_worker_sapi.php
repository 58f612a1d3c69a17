<?php
// SPDX-License-Identifier: MIT
//
// Edits of php-worker/sapi.

declare(strict_types=1);

return [
    [
        'file' => 'php-worker/sapi/request.cpp',
        'find' => 'php_clear_stat_cache(false, nullptr, 0);',
        'put' => '',
        'suite' => 'integration/tools/audit_verdicts',
        'test' => 'each kind has the documented verdict under each strategy',
        'why' => 'the stat cache is not reset between events',
    ],
    [
        'file' => 'php-worker/sapi/request.cpp',
        'find' => 'zend_hash_str_del(&EG(symbol_table), "_SESSION", sizeof("_SESSION") - 1);',
        'put' => '',
        'suite' => 'integration/tools/audit_verdicts',
        'test' => 'each kind has the documented verdict under each strategy',
        'why' => '$_SESSION stays from one event to the next',
    ],
    [
        'file' => 'php-worker/sapi/request.cpp',
        'find' => 'zend_memory_reset_peak_usage();',
        'put' => '',
        'suite' => 'integration/tools/audit_verdicts',
        'test' => 'each kind has the documented verdict under each strategy',
        'why' => 'the peak of memory is that of all events',
    ],
    [
        'file' => 'php-worker/sapi/zygote/seal_checks.cpp',
        'find' => ' && !PS(mod_user_implemented)',
        'put' => '',
        'suite' => 'integration/zygote/seal',
        'test' => 'a session that boot leaves open fails the boot',
        'why' => "a session with the application's own handler may stay open",
    ],
    [
        'file' => 'php-worker/sapi/zygote/seal_checks.cpp',
        'find' => 'BG(strtok_string) = nullptr;',
        'put' => '',
        'suite' => 'integration/zygote/child_hygiene',
        'test' => 'an event sees no error of the boot',
        'why' => 'the text of strtok() is that of the boot',
    ],
    [
        'file' => 'php-worker/sapi/zygote/seal_checks.cpp',
        'find' => 'const bool real = disarm(ITIMER_REAL);',
        'put' => 'const bool real = disarm(ITIMER_VIRTUAL);',
        'suite' => 'integration/zygote/seal',
        'test' => 'an alarm of the boot does not end the zygote',
        'why' => "the boot's alarm ends the zygote",
    ],
    [
        'file' => 'php-worker/sapi/learning/class_learning.cpp',
        'find' => 'if (!rehearsal && !autoloaders_are_the_boots()) return;',
        'put' => '',
        'suite' => 'integration/zygote/learning',
        'test' => 'an event that registers its own autoloader teaches nothing',
        'why' => 'an event with its own autoloader teaches',
    ],
    [
        'file' => 'php-worker/sapi/learning/compiled_patterns.cpp',
        'find' => 'ZSTR_IS_INTERNED(text) && (GC_FLAGS(text) & IS_STR_PERMANENT) != 0',
        'put' => 'text != nullptr',
        'suite' => 'integration/zygote/learning',
        'test' => 'a regular expression is learned when it is a literal of the code',
        'why' => "an event's pattern gets into the zygote",
    ],
    [
        'file' => 'php-worker/sapi/learning/shared_strings.cpp',
        'find' => 'return memory_->writer.compare_exchange_strong(nobody, ::getpid());',
        'put' => 'memory_->writer.store(::getpid());
  return nobody == 0;',
        'suite' => 'unit/sapi', 'test' => 'only one fork writes at a time',
        'why' => 'two forks write at the same time',
    ],
    [
        'file' => 'php-worker/sapi/memory/address_space.cpp',
        'find' => 'return comparison.complete();',
        'put' => 'return true;',
        'suite' => 'unit/sapi', 'test' => 'a mapping that is gone, in whole or in part',
        'why' => 'a mapping that is gone is not seen',
    ],
    [
        'file' => 'php-worker/sapi/rollback/kernel_state.cpp',
        'find' => '::umask(value_of<mode_t>(before));',
        'put' => 'static_cast<void>(before);',
        'suite' => 'unit/sapi', 'test' => 'signals, timers, folder, masks and limits are restored',
        'why' => 'the umask of an event stays',
    ],
    [
        'file' => 'php-worker/sapi/learning/shared_strings.cpp',
        'find' => 'content.empty() || count == kMostStrings || knows(kind, content, count)',
        'put' => 'content.empty() || count == kMostStrings',
        'suite' => 'unit/sapi', 'test' => 'a string is kept once for each kind',
        'why' => 'a string is kept as often as it comes',
    ],
    [
        'file' => 'php-worker/sapi/learning/shared_strings.cpp',
        'find' => 'content.size() > kMostBytes - offset',
        'put' => 'content.size() > kMostBytes',
        'suite' => 'unit/sapi', 'test' => 'a string that does not fit is ignored',
        'why' => 'a string goes beyond the end of the memory',
    ],
    [
        'file' => 'php-worker/sapi/zygote/seal.cpp',
        'find' => 'forget_own_paths();',
        'put' => '',
        'suite' => 'integration/zygote/child_hygiene',
        'test' => "paths of the process itself lead to the event's, although boot has used them",
        'why' => 'where /proc/self led at boot is kept for all events',
    ],
];

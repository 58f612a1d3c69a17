<?php
// SPDX-License-Identifier: MIT
//
// Edits of emulator/.

declare(strict_types=1);

return [
    [
        'file' => 'emulator/http/site_guard.cpp',
        'find' => 'page && page->host == own.host && page->port.value_or(usual)',
        'put' => 'page && page->port.value_or(usual)',
        'suite' => 'unit/emulator', 'test' => 'the origin must be the server itself',
        'why' => 'a page of any host on the same port may call',
    ],
    [
        'file' => 'emulator/http/site_guard.cpp',
        'find' => 'if (!own || !is_own(own->host)) {',
        'put' => 'if (false) {',
        'suite' => 'unit/emulator', 'test' => 'a request that names another host is refused',
        'why' => 'names that another site lets point here are taken',
    ],
    [
        'file' => 'emulator/http/authority.cpp',
        'find' => 'host.ends_with(".localhost")',
        'put' => 'host.ends_with("localhost")',
        'suite' => 'unit/emulator', 'test' => 'only names that no name server can redirect',
        'why' => 'a name that only ends like localhost is taken',
    ],
    [
        'file' => 'emulator/http/request_head.cpp',
        'find' => 'if (lengths.size() > 1) return malformed(',
        'put' => 'if (lengths.size() > 2) return malformed(',
        'suite' => 'unit/emulator', 'test' => 'a length is one number, and never beside chunks',
        'why' => 'two lengths are taken',
    ],
    [
        'file' => 'emulator/http/request_head.cpp',
        'find' => 'if (hosts.size() > 1) return malformed("there is more than one Host");',
        'put' => '',
        'suite' => 'unit/emulator', 'test' => 'there is one Host',
        'why' => 'two hosts are taken',
    ],
    [
        'file' => 'emulator/http/reader.cpp',
        'find' => "found > from && bytes[found - 1] == '\\r'",
        'put' => 'true',
        'suite' => 'unit/emulator', 'test' => 'a request whose end is not certain is refused',
        'why' => 'a lone LF ends a line',
    ],
    [
        'file' => 'emulator/http/reader.cpp',
        'find' => 'room -= line->size();',
        'put' => '',
        'suite' => 'unit/emulator', 'test' => 'trailers are limited, each and all together',
        'why' => 'only each trailer has a limit',
    ],
    [
        'file' => 'emulator/http/server.cpp',
        'find' => 'since && *since <= *idle_since',
        'put' => 'since && *since >= *idle_since',
        'suite' => 'unit/emulator', 'test' => 'where no more threads may be',
        'why' => 'the connection that came last makes room',
    ],
    [
        'file' => 'emulator/environments/peer_check.cpp',
        'find' => 'if (roots.empty()) return false;',
        'put' => 'return true;',
        'suite' => 'unit/emulator', 'test' => 'only the processes of an environment may call',
        'why' => 'a stranger may call the Runtime API',
    ],
    [
        'file' => 'emulator/event/function_config.cpp',
        'find' => 'set_default("TZ", ":UTC");',
        'put' => 'set("TZ", ":UTC");',
        'suite' => 'unit/emulator', 'test' => "region, time zone and language are the user's",
        'why' => "the user's time zone is overwritten",
    ],
    [
        'file' => 'emulator/runtime_api/protocol.h',
        'find' => '{false, false, false, false, false, false},  // responding',
        'put' => '{true, false, false, false, false, false},  // responding',
        'suite' => 'unit/emulator', 'test' => 'a body that is cut off',
        'why' => 'a runtime goes on after half a response',
    ],
];

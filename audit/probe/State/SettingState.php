<?php
// SPDX-License-Identifier: MIT
//
// Settings. Those of php.ini are hashed, because there may be passwords among them.

declare(strict_types=1);

namespace Phork\Audit\State;

use Generator;
use Locale;

final class SettingState
{
    /**
     * No setting is a time or a process id, though `precision` may have the number of the latter.
     *
     * @return Generator<string, string>
     */
    public function ini(): Generator
    {
        foreach (ini_get_all(details: false) as $name => $value) {
            yield $name => hash('xxh64', var_export($value, true));
        }
    }

    /** @return Generator<string, string|int> */
    public function settings(): Generator
    {
        yield 'locale' => (string) setlocale(LC_ALL, '0');
        yield 'time zone' => date_default_timezone_get();
        yield 'garbage collector' => (int) gc_enabled();
        yield 'autoload extensions' => spl_autoload_extensions();
        yield from $this->multibyte();
        if (\extension_loaded('intl')) {
            yield 'intl locale' => Locale::getDefault();
        }
        if (\extension_loaded('libxml')) {
            yield 'libxml internal errors' => (int) libxml_use_internal_errors();
        }
        if (\extension_loaded('gettext')) {
            yield 'gettext domain' => textdomain(null);
        }
        if (\extension_loaded('pcntl')) {
            yield 'asynchronous signals' => (int) pcntl_async_signals();
        }
    }

    /** @return Generator<string, string> */
    private function multibyte(): Generator
    {
        if (!\extension_loaded('mbstring')) {
            return;
        }
        yield 'mb internal encoding' => mb_internal_encoding();
        yield 'mb language' => (string) mb_language();
        yield 'mb substitute character' => (string) mb_substitute_character();
        yield 'mb detect order' => implode(',', mb_detect_order());
        yield 'mb http output' => mb_http_output();
        if (\function_exists('mb_regex_encoding')) {
            yield 'mb regex encoding' => mb_regex_encoding();
            yield 'mb regex options' => mb_regex_set_options();
        }
    }

    /** @return array<string, string> */
    public function streams(): array
    {
        return [
            'wrappers' => implode(', ', stream_get_wrappers()),
            'filters' => implode(', ', stream_get_filters()),
            'transports' => implode(', ', stream_get_transports()),
        ];
    }

    /** @return array<string, string|int> */
    public function session(): array
    {
        if (!\extension_loaded('session')) {
            return [];
        }

        return [
            'status' => session_status(),
            'name' => session_name(),
            'id' => session_id() === '' ? 'none' : 'one',
            'handler' => session_module_name(),
        ];
    }
}

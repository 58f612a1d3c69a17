<?php
// SPDX-License-Identifier: MIT
//
// State inside extensions: encodings, languages, modes.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use Generator;
use Locale;
use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\KeptByFpm;
use Phork\Audit\Kind;
use Phork\Audit\Needs;

final class ExtensionKinds implements Family
{
    public function group(): Group
    {
        return Group::Extensions;
    }

    public function kinds(): iterable
    {
        yield from $this->multibyte();
        yield from $this->multibyteRegex();
        yield from $this->languages();
        yield from $this->libraries();
    }

    private function multibyte(): Generator
    {
        $missing = Needs::extension('mbstring');
        yield new Kind(
            'mb-internal-encoding',
            'mb_internal_encoding()',
            static fn () => mb_internal_encoding(),
            static fn () => mb_internal_encoding('ISO-8859-16'),
            $missing,
        );
        yield new Kind(
            'mb-language',
            'mb_language()',
            static fn () => mb_language(),
            static fn () => mb_language('uni'),
            $missing,
        );
        yield new Kind(
            'mb-substitute-character',
            'mb_substitute_character()',
            static fn () => mb_substitute_character(),
            static fn () => mb_substitute_character(0x2603),
            $missing,
        );
        yield new Kind(
            'mb-detect-order',
            'mb_detect_order()',
            static fn () => mb_detect_order(),
            static fn () => mb_detect_order(['ASCII', 'ISO-8859-16']),
            $missing,
        );
        yield new Kind(
            'mb-http-output',
            'mb_http_output()',
            static fn () => mb_http_output(),
            static fn () => mb_http_output('ISO-8859-16'),
            $missing,
        );
    }

    private function multibyteRegex(): Generator
    {
        $missing = Needs::functions('mb_regex_encoding', 'mb_ereg_search_init');
        yield new Kind(
            'mb-regex-encoding',
            'mb_regex_encoding()',
            static fn () => mb_regex_encoding(),
            static fn () => mb_regex_encoding('EUC-JP'),
            $missing,
        );
        yield new Kind(
            'mb-regex-options',
            'mb_regex_set_options()',
            static fn () => mb_regex_set_options(),
            static fn () => mb_regex_set_options('ix'),
            $missing,
            keptByFpm: KeptByFpm::Extension,
        );
        yield new Kind(
            'mb-regex-search',
            'the position of mb_ereg_search()',
            static fn () => mb_ereg_search_getpos(),
            static function (): void {
                mb_ereg_search_init('phork planted', 'p');
                mb_ereg_search_setpos(6);
            },
            $missing,
        );
    }

    private function languages(): Generator
    {
        yield new Kind(
            'intl-locale',
            'the default locale of ext/intl',
            static fn () => Locale::getDefault(),
            static fn () => Locale::setDefault('se_NO'),
            Needs::extension('intl'),
        );
        yield new Kind(
            'gettext-domain',
            'the text domain of gettext',
            static fn () => textdomain(null),
            static fn () => textdomain('phork-audit'),
            Needs::extension('gettext'),
            keptByFpm: KeptByFpm::Extension,
        );
    }

    private function libraries(): Generator
    {
        yield new Kind(
            'bcmath-scale',
            'bcscale()',
            static fn () => bcscale(),
            static fn () => bcscale(17),
            Needs::extension('bcmath'),
        );
        yield new Kind(
            'libxml-internal-errors',
            'libxml_use_internal_errors()',
            static fn () => libxml_use_internal_errors(),
            static fn () => libxml_use_internal_errors(!libxml_use_internal_errors()),
            Needs::extension('libxml'),
        );
    }
}

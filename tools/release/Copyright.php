<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

use Composer\Spdx\SpdxLicenses;

/**
 * The licences of a Debian package, of its copyright file, as an expression of SPDX. Names that are
 * not SPDX's become references, with the text that Debian has of them.
 * https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
 * https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/
 */
final class Copyright
{
    // Debian's names whose SPDX name follows no rule.
    private const NAMES = [
        'Expat' => 'MIT', 'zlib' => 'Zlib', 'OpenLDAP-2.8' => 'OLDAP-2.8', 'MPL-2' => 'MPL-2.0',
        'Artistic' => 'Artistic-1.0-Perl', 'Apache-2' => 'Apache-2.0', 'CC0' => 'CC0-1.0',
        'Unicode' => 'Unicode-DFS-2016',
    ];

    /** @var array<string, string> texts by the names of references that expressions use */
    public array $references = [];

    public function __construct(private readonly SpdxLicenses $spdx)
    {
    }

    /** The expression for `$package`, whose copyright file holds `$text`. */
    public function expression(string $package, string $text): string
    {
        if (!preg_match('#^Format: *https?://www.debian.org/doc/packaging-manuals/#m', $text)) {
            return $this->reference($package, $text);
        }
        $texts = [];
        $names = [];
        foreach (preg_split('/\n\s*\n/', $text) as $paragraph) {
            if (preg_match('/^License: *(\S.*)$((?:\n[ \t].*)*)/m', $paragraph, $found)) {
                $texts[trim($found[1])] ??= trim($found[2]);
                if (preg_match('/^Files:/m', $paragraph)) {
                    $names[trim($found[1])] = true;
                }
            }
        }
        $parts = array_map(fn (string $name): string => $this->translated($name, $texts, $text),
            array_keys($names));
        $parts = array_unique($parts);
        sort($parts);
        return match (count($parts)) {
            0 => $this->reference($package, $text),
            1 => $parts[0],
            default => '(' . implode(') AND (', $parts) . ')',
        };
    }

    /** "GPL-2+ or Artistic" in SPDX's words; `$texts` are the file's licences by name. */
    private function translated(string $names, array $texts, string $all): string
    {
        $words = preg_split('/,? +(or|and) +/', $names, -1, PREG_SPLIT_DELIM_CAPTURE);
        foreach ($words as $i => $word) {
            $words[$i] = $i % 2 === 1 ? strtoupper($word)
                : $this->name($word) ?? $this->reference($word, ($texts[$word] ?? '') ?: $all);
        }
        return implode(' ', $words);
    }

    private function name(string $name): ?string
    {
        $name = self::NAMES[$name] ?? $name;
        if (preg_match('/^(A?GPL|LGPL|GFDL)-(\d)(\.\d)?(\+)?$/', $name, $part)) {
            $name = "$part[1]-$part[2]" . (($part[3] ?? '') ?: '.0')
                . (isset($part[4]) ? '-or-later' : '-only');
        }
        $known = $this->spdx->getLicenseByIdentifier($name);
        return $known === null ? null : self::spelling($this->spdx, $name);
    }

    /** SPDX's own spelling of an identifier in any case. */
    private static function spelling(SpdxLicenses $spdx, string $name): string
    {
        foreach ($spdx->getLicenses() as [$identifier]) {
            if (strcasecmp($identifier, $name) === 0) {
                return $identifier;
            }
        }
        return $name;
    }

    private function reference(string $name, string $text): string
    {
        $name = trim(preg_replace('/[^A-Za-z0-9.-]+/', '-', $name), '-');
        $reference = "LicenseRef-Debian-$name";
        if (($this->references[$reference] ?? $text) !== $text) {
            $reference .= '-' . substr(hash('sha256', $text), 0, 8); // the same name, another text
        }
        $this->references[$reference] = $text;
        return $reference;
    }
}

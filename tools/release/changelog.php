<?php
// SPDX-License-Identifier: MIT
//
// Prints debian/changelog, made of CHANGELOG.md: an entry for each release, and one on top for what
// is not released.
// usage: php tools/release/changelog.php DEBIAN-VERSION SUFFIX SECONDS-SINCE-1970 <CHANGELOG.md
// DEBIAN-VERSION is that of the first entry; the others have their release's and SUFFIX.

declare(strict_types=1);

const MAINTAINER = 'The phork authors <phork@users.noreply.github.com>';

/** One entry; its date is that of the release, at midnight. */
function entry(string $version, string $items, int $time): string
{
    $date = gmdate('D, d M Y H:i:s', $time) . ' +0000';
    return "phork ($version) stable; urgency=medium\n\n$items\n -- " . MAINTAINER . "  $date\n\n";
}

/** The items of a section in the form of a Debian changelog: "  * ", at most 78 columns wide. */
function items(string $section): string
{
    $text = '';
    foreach (preg_split('/^- /m', preg_replace('/^###.*$/m', '', $section)) as $item) {
        $item = trim(preg_replace('/\s+/', ' ', $item));
        if ($item !== '') {
            $text .= '  * ' . str_replace("\n", "\n    ", wordwrap($item, 74)) . "\n";
        }
    }
    return $text !== '' ? $text : "  * Nothing that users see.\n";
}

[, $version, $suffix, $now] = $argv + [1 => null, null, null];
$heading = '/^## \[([^]]+)\](.*)$/m';
$parts = preg_split($heading, stream_get_contents(STDIN), -1, PREG_SPLIT_DELIM_CAPTURE);
if ($now === null || count($parts) < 4) {
    fwrite(STDERR, "changelog: expected three arguments, and '## [VERSION] - DATE' in stdin\n");
    exit(100);
}
$first = true;
for ($i = 1; $i + 2 < count($parts); $i += 3) {
    [$name, $date, $section] = array_slice($parts, $i, 3);
    if ($name === 'Unreleased' && trim($section) === '') {
        continue;
    }
    $time = preg_match('/\d{4}-\d\d-\d\d/', $date, $day) ? strtotime("$day[0] UTC") : (int) $now;
    echo entry($first ? $version : $name . $suffix, items($section), $first ? (int) $now : $time);
    $first = false;
}

<?php
// SPDX-License-Identifier: MIT
//
// How large the house is. A unit is one idea: the header and the source of one name, or one PHP
// file. A folder with more units than a person overlooks needs sub-folders, and many short units
// mean that one idea is spread over several files.

declare(strict_types=1);

final class HouseSize
{
    private const MAX_UNITS_OF_FOLDER = 26;
    // 44,000 was set when the same functions took 45,000. A commit raises it when it adds something
    // that users were promised, and says so here: 2,000 for rollback by signs, the file cache of
    // cold starts, and processes that never outlive bootstrap; 4,500 for an event that begins and
    // ends as a request of PHP does, and for what a hostile event must not reach; 10,000 to ship
    // it: layers, packages and deployment, SnapStart, external extensions and telemetry, tracing,
    // and cold starts by their parts; 3,000 for a developer's day: events at hand, static files and
    // a log of requests.
    private const MAX_LINES = 65_000;
    private const MAX_FILES = 640;
    private const MIN_MEDIAN = 160;
    private const SUMS = [
        'what ships' => ['runtime', 'strategies', 'supervisor', 'php-worker'],
        'the tools' => ['emulator', 'audit', 'bench', 'packaging', 'cli'],
    ];

    /** @param array<string, int> $lines lines of each C++ and PHP file, by path from the root */
    public function __construct(private readonly array $lines)
    {
    }

    /** @return list<string> folders with too many units; folders of fixtures are not measured */
    public function findings(): array
    {
        $units = [];
        foreach (array_keys($this->lines) as $file) {
            if (!str_contains("/$file", '/fixtures/')) {
                $units[dirname($file)][self::unitOf($file)] = true;
            }
        }
        $findings = [];
        foreach ($units as $folder => $names) {
            $count = count($names);
            if ($count > self::MAX_UNITS_OF_FOLDER) {
                $limit = self::MAX_UNITS_OF_FOLDER;
                $findings[] = "$folder: units: $count, limit $limit; make sub-folders";
            }
        }
        return $findings;
    }

    /** @return list<string> what is wrong with the product's C++ as a whole */
    public function findingsOfProduct(): array
    {
        [$files, $lines, , $median] = $this->measure(array_merge(...array_values(self::SUMS)));
        $findings = [];
        if ($lines > self::MAX_LINES) {
            $findings[] = "product: $lines lines of C++, limit " . self::MAX_LINES;
        }
        if ($files > self::MAX_FILES) {
            $findings[] = "product: $files files of C++, limit " . self::MAX_FILES;
        }
        if ($median < self::MIN_MEDIAN) {
            $findings[] = "product: median unit of $median lines, expected " . self::MIN_MEDIAN;
        }
        return $findings;
    }

    /** @return list<string> one line for each sum, and one for the product */
    public function report(): array
    {
        $rows = [...self::SUMS, 'the product' => array_merge(...array_values(self::SUMS))];
        $report = [];
        foreach ($rows as $name => $rooms) {
            $format = '%-12s %4d files, %6d lines of C++, %4d units, median unit %4d lines';
            $report[] = sprintf($format, "$name:", ...$this->measure($rooms));
        }
        return $report;
    }

    /** @return array{int, int, int, int} files, lines, units, median lines of a unit */
    private function measure(array $rooms): array
    {
        $units = [];
        $files = 0;
        foreach ($this->lines as $file => $lines) {
            if (!in_array(explode('/', $file)[0], $rooms, true) || str_ends_with($file, '.php')) {
                continue;
            }
            $files++;
            $unit = dirname($file) . '/' . self::unitOf($file);
            $units[$unit] = ($units[$unit] ?? 0) + $lines;
        }
        sort($units);
        $median = $units[intdiv(count($units), 2)] ?? 0;
        return [$files, array_sum($units), count($units), $median];
    }

    private static function unitOf(string $file): string
    {
        return pathinfo($file, PATHINFO_FILENAME);
    }
}

<?php
// SPDX-License-Identifier: MIT
//
// A suite by the name that the lists give it: what it is built from, and how one of its tests is
// run. `unit/ROOM`, `integration/FOLDER/FILE`, `conformance/FILE` are doctest programs, `php/CLASS`
// is PHPUnit's.

declare(strict_types=1);

final class Suite
{
    private function __construct(
        public readonly string $name,
        /** @var list<string> what ninja has to build */
        public readonly array $targets,
        /** @var list<string> patterns of its sources, from the root */
        private readonly array $sources,
        private readonly string $program,
        private readonly string $only = '',
    ) {
    }

    public static function named(string $name): self
    {
        $parts = explode('/', $name, 2);
        $rest = $parts[1] ?? '';
        $programs = ['bootstrap', 'php-worker', 'phork'];
        $integration = 'tests/integration/integration_test';
        $conformance = 'tests/conformance/conformance_test';
        return match ($parts[0]) {
            'unit' => new self(
                $name,
                ["tests/unit/{$rest}_test"],
                ["tests/unit/$rest/*_test.cpp", "tests/unit/$rest/*/*_test.cpp"],
                "tests/unit/{$rest}_test",
            ),
            'integration' => new self(
                $name,
                [$integration, ...$programs],
                ["tests/integration/{$rest}_test.cpp"],
                $integration,
                "$rest",
            ),
            'conformance' => new self(
                $name,
                [$conformance, ...$programs],
                ["tests/conformance/{$rest}_test.cpp"],
                $conformance,
                "conformance/$rest",
            ),
            'php' => new self($name, [], ["tests/php/$rest.php"], ''),
            default => new self($name, [], [], ''),
        };
    }

    /** Why there is no such suite or test in the tree `$root`; null when there is. */
    public function objection(string $root, string $test): ?string
    {
        $files = array_merge(...array_map(fn ($each) => glob("$root/$each"), $this->sources));
        if ($files === []) {
            return "no suite '$this->name'";
        }
        foreach ($files as $file) {
            if ($test !== '' && str_contains(file_get_contents($file), $test)) {
                return null;
            }
        }
        return "no test '$test' in suite '$this->name'";
    }

    /** @return list<string> the command that runs the test, from the root of a tree */
    public function command(string $test): array
    {
        if ($this->program === '') {
            $class = basename($this->name);
            return ['phpunit', '--configuration', 'tests/php', '--filter', "$class::$test"];
        }
        // A comma would separate two filters.
        $case = '--test-case=*' . str_replace(',', '\\,', $test) . '*';
        $file = $this->only === '' ? [] : ["--source-file=*{$this->only}_test.cpp"];
        return ["build/$this->program", $case, ...$file];
    }

    /** True if this output is that of a run in which a test ran. */
    public function ran(string $output): bool
    {
        return $this->program === ''
            ? preg_match('/\(\d+ tests?,|Tests: \d+/', $output) === 1
            : preg_match('/test cases: +[1-9]/', $output) === 1;
    }
}

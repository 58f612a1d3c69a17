<?php
// SPDX-License-Identifier: MIT
//
// Walks a tree of phork's own files and lists the violations of the rules on rooms, sizes, copies,
// comments, the licence line and words that do not belong into a repository. Knows no file by name.

declare(strict_types=1);

final class StructureCheck
{
    private const GENERATED = '#(^|/)(\.git|vendor|var|dist|build[^/]*)(/|$)#';
    private const CODE = ['h', 'cpp', 'php', 'sh', 'build', 'twig'];
    private const LICENSED = ['h', 'cpp', 'php', 'sh'];
    private const MAX_LINES = 400;
    private const MAX_HEADER_LINES = 150;
    private const MAX_COLUMNS = 100;

    // Written so that this file does not contain what it looks for.
    private const UNFINISHED = '/\b(TO)DO\b|\b(FIX)ME\b/';
    private const PRIVATE_PATH = '#(?<![\w.:/-])/(home|Users|root|work)/\w#';

    /** @var list<string> */
    private array $findings = [];

    /** @var array<string, int> lines of each C++ and PHP file */
    private array $lines = [];

    private CopyRule $copies;

    public function __construct(
        private readonly string $root,
        private readonly IncludeRule $includes = new IncludeRule(),
        private readonly CommentRule $comments = new CommentRule(),
    ) {
    }

    /** @return list<string> one line for each violation, as path:line: what is wrong */
    public function run(): array
    {
        $this->findings = [];
        $this->lines = [];
        $this->copies = new CopyRule();
        foreach ($this->files() as $file) {
            $this->check($file);
        }
        $size = $this->size()->findings();
        return [...$this->findings, ...$this->copies->findings(), ...$size];
    }

    /** The size of the tree that was checked. */
    public function size(): HouseSize
    {
        return new HouseSize($this->lines);
    }

    private function check(string $file): void
    {
        $lines = file("$this->root/$file", FILE_IGNORE_NEW_LINES);
        $kind = self::kindOf($file, $lines[0] ?? '');
        if (in_array($kind, ['h', 'cpp'], true)) {
            $this->checkRoom($file);
            $this->checkIncludes($file, $lines);
            $this->copies->read($file, implode("\n", $lines));
        }
        if (in_array($kind, ['h', 'cpp', 'php'], true)) {
            $this->lines[$file] = count($lines);
        }
        if (in_array($kind, self::CODE, true)) {
            $this->checkSizes($file, $kind, $lines);
            $this->checkComments($file, $kind, $lines);
        }
        if (in_array($kind, self::LICENSED, true)) {
            $this->checkLicense($file, $lines);
        }
        if (in_array($kind, [...self::CODE, 'md', 'yaml', 'json', 'xml'], true)) {
            $this->checkWords($file, $lines);
        }
    }

    private function checkRoom(string $file): void
    {
        $objection = $this->includes->folderObjection($file);
        if ($objection !== null) {
            $this->report($file, 1, $objection);
        }
    }

    private function checkIncludes(string $file, array $lines): void
    {
        foreach ($lines as $index => $line) {
            if (!preg_match('/^\s*#\s*include\s*"([^"]+)"/', $line, $match)) {
                continue;
            }
            $objection = $this->includes->objection($file, $match[1]);
            if ($objection !== null) {
                $this->report($file, $index + 1, $objection);
            }
        }
    }

    private function checkSizes(string $file, string $kind, array $lines): void
    {
        $limit = $kind === 'h' ? self::MAX_HEADER_LINES : self::MAX_LINES;
        $length = count($lines);
        if ($length > $limit) {
            $this->report($file, $length, "length: $length lines, limit $limit");
        }
        foreach ($lines as $index => $line) {
            $columns = mb_strlen($line, 'UTF-8');
            // A comment that is one word, a link, cannot be broken.
            if ($columns > self::MAX_COLUMNS && !preg_match('~^\s*(//|#)\s*\S+$~', $line)) {
                $limit = self::MAX_COLUMNS;
                $this->report($file, $index + 1, "width: $columns columns, limit $limit");
            }
        }
    }

    private function checkComments(string $file, string $kind, array $lines): void
    {
        foreach ($this->comments->findings($kind, $lines) as $line => $word) {
            $this->report($file, $line, "a comment begins with '$word': name its subject");
        }
    }

    private function checkLicense(string $file, array $lines): void
    {
        // Only what the language itself wants first may stand above it.
        $start = 0;
        while (preg_match('/^(#!|<\?php$)/', $lines[$start] ?? '')) {
            $start++;
        }
        if (!preg_match('~^(//|#) SPDX-License-Identifier: MIT$~', $lines[$start] ?? '')) {
            $this->report($file, $start + 1, 'licence: expected SPDX-License-Identifier: MIT');
        }
    }

    private function checkWords(string $file, array $lines): void
    {
        foreach ($lines as $index => $line) {
            if (preg_match(self::UNFINISHED, $line, $match)) {
                $this->report($file, $index + 1, "word '$match[0]': finish it or leave it out");
            }
            if (preg_match(self::PRIVATE_PATH, $line, $match)) {
                $this->report($file, $index + 1, "path '$match[0]...': of one machine only");
            }
        }
    }

    private function report(string $file, int $line, string $what): void
    {
        $this->findings[] = "$file:$line: $what";
    }

    private static function kindOf(string $file, string $first_line): string
    {
        $ending = pathinfo($file, PATHINFO_EXTENSION);
        return match (true) {
            str_starts_with($first_line, '#!') && str_ends_with($first_line, 'sh') => 'sh',
            str_starts_with($first_line, '#!') && str_ends_with($first_line, 'php') => 'php',
            $ending === 'yml' => 'yaml',
            default => $ending,
        };
    }

    /** @return list<string> paths from the root, sorted */
    private function files(): array
    {
        $own = fn (SplFileInfo $entry): bool =>
            !preg_match(self::GENERATED, substr($entry->getPathname(), strlen($this->root) + 1))
            || $entry->getFilename() === 'meson.build';
        $all = new RecursiveDirectoryIterator($this->root, FilesystemIterator::SKIP_DOTS);
        $walk = new RecursiveIteratorIterator(new RecursiveCallbackFilterIterator($all, $own));
        $files = [];
        foreach ($walk as $file) {
            $files[] = substr($file->getPathname(), strlen($this->root) + 1);
        }
        sort($files);
        return $files;
    }
}

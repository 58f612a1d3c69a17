<?php
// SPDX-License-Identifier: MIT
//
// Looks at every Markdown file of a tree: local links must lead to a file, their fragments to a
// heading of it, and a path or a source of the tree in a code span must exist. So pages follow when
// code moves.

declare(strict_types=1);

final class LinkCheck
{
    private const GENERATED = '#(^|/)(\.git|vendor|var|node_modules|dist|build[^/]*)(/|$)#';

    // [text](target) and [text](target "title"); the text may hold an image.
    private const LINK = '/\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(([^()\s]+)(?:\s+"[^"]*")?\)/';
    private const EXTERNAL = '#^([a-z][a-z0-9+.-]*:|//)#i';
    private const FENCE = '/^ *(```|~~~).*?^ *\1[^\n]*$/ms';
    private const CODE_SPAN = '/`([^`\n]+)`/';

    // A changelog tells of files as they were.
    private const HISTORY = ['CHANGELOG.md'];

    /** @var array<string, true> names of the C++ files of the tree, without folders */
    private readonly array $sources;

    public function __construct(private readonly string $root)
    {
        $this->sources = array_fill_keys(
            array_map(basename(...), [...$this->files('cpp'), ...$this->files('h')]),
            true,
        );
    }

    /** @return list<string> one line for each violation, as path:line: what is wrong */
    public function run(): array
    {
        $findings = [];
        foreach ($this->files('md') as $page) {
            $text = self::blank(self::FENCE, file_get_contents("$this->root/$page"));
            $prose = self::blank(self::CODE_SPAN, $text);
            foreach (self::matches(self::LINK, $prose) as [$at, $link]) {
                $findings[] = [$page, $text, $at, $this->linkObjection($page, $link)];
            }
            foreach (self::matches(self::CODE_SPAN, $text) as [$at, $code]) {
                $findings[] = [$page, $text, $at, $this->pathObjection($page, $code)];
            }
        }
        $wrong = array_filter($findings, static fn (array $finding) => $finding[3] !== null);
        return array_values(array_map(static fn (array $finding) => sprintf(
            '%s:%d: %s',
            $finding[0],
            substr_count($finding[1], "\n", 0, $finding[2]) + 1,
            $finding[3],
        ), $wrong));
    }

    private function linkObjection(string $page, string $link): ?string
    {
        if (preg_match(self::EXTERNAL, $link)) {
            return null;
        }
        [$path, $fragment] = [...explode('#', $link, 2), ''];
        $target = match (true) {
            $path === '' => $page,
            $path[0] === '/' => ltrim($path, '/'),
            default => dirname($page) . '/' . $path,
        };
        if (!file_exists("$this->root/$target")) {
            return "link '$link': there is no such file";
        }
        if ($fragment === '' || !str_ends_with($target, '.md')) {
            return null;
        }
        return in_array($fragment, self::anchors(file_get_contents("$this->root/$target")), true)
            ? null : "link '$link': that page has no such heading";
    }

    /** A path counts as one of the tree when its first folder is there. */
    private function pathObjection(string $page, string $code): ?string
    {
        if (preg_match('/^[a-z]\w*\.(cpp|h)$/', $code)) {
            return isset($this->sources[$code]) || in_array($page, self::HISTORY, true)
                ? null : "path '$code': no source has that name";
        }
        if (!preg_match('#^(\.?[\w-]+)/[\w./-]*$#', $code, $match)
            || preg_match(self::GENERATED, $code) || in_array($page, self::HISTORY, true)
            || !is_dir("$this->root/$match[1]") || file_exists("$this->root/$code")) {
            return null;
        }
        return "path '$code': there is no such file or folder";
    }

    /** The names by which GitHub links to the headings of a page. @return list<string> */
    private static function anchors(string $text): array
    {
        preg_match_all('/^#{1,6} +(.+?) *#*$/m', self::blank(self::FENCE, $text), $headings);
        $anchors = [];
        $seen = [];
        foreach ($headings[1] as $heading) {
            $words = preg_replace('/[^\w\- ]/u', '', mb_strtolower($heading, 'UTF-8'));
            $anchor = str_replace(' ', '-', $words);
            $repeated = $seen[$anchor] = ($seen[$anchor] ?? -1) + 1;
            $anchors[] = $repeated === 0 ? $anchor : "$anchor-$repeated";
        }
        return $anchors;
    }

    /** Blanks out what matches; lines and offsets stay. */
    private static function blank(string $pattern, string $text): string
    {
        return preg_replace_callback(
            $pattern,
            static fn (array $match) => preg_replace('/[^\n]/', ' ', $match[0]),
            $text,
        );
    }

    /** @return iterable<array{int, string}> offset of each match, and its first group */
    private static function matches(string $pattern, string $text): iterable
    {
        preg_match_all($pattern, $text, $matches, PREG_SET_ORDER | PREG_OFFSET_CAPTURE);
        foreach ($matches as [$whole, $group]) {
            yield [$whole[1], $group[0]];
        }
    }

    /** @return list<string> paths from the root, of all files with that ending */
    private function files(string $ending): array
    {
        $own = fn (SplFileInfo $file) => !preg_match(self::GENERATED, $this->pathOf($file));
        $paths = [];
        foreach (new RecursiveIteratorIterator(new RecursiveCallbackFilterIterator(
            new RecursiveDirectoryIterator($this->root, FilesystemIterator::SKIP_DOTS),
            $own,
        )) as $file) {
            if ($file->getExtension() === $ending) {
                $paths[] = $this->pathOf($file);
            }
        }
        sort($paths);
        return $paths;
    }

    private function pathOf(SplFileInfo $file): string
    {
        return substr($file->getPathname(), strlen($this->root) + 1);
    }
}

<?php
// SPDX-License-Identifier: MIT
//
// A class with a destructor that does something ends something, and a copy of it would end it
// twice. So it derives from base::Pinned, directly or not, or it declares its copy or move members
// itself. clang-tidy has a check for this that knows nothing of base classes.
//
// Reads C++ as tokens, without a compiler: classes are found by `class NAME ... {`, and bases are
// looked up by name in the scopes around the class, as a compiler would.

declare(strict_types=1);

final class CopyRule
{
    private const TOKEN = '~//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\\\.|[^"\\\\\n])*"'
        . '|\d[\w\']*|\'(?:\\\\.|[^\'\\\\\n])+\'|\#(?:\\\\\n|[^\n])*'
        . '|\n|[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*|::|&&|[^\s]~s';
    private const PINNED = 'phork::base::Pinned';

    /**
     * By qualified name; `ends` when there is a destructor that does something, `copy` and `assign`
     * when constructors and assignments from another object are declared.
     *
     * @var array<string, array{place: string, bases: list<string>, ends: bool, copy: bool,
     *     assign: bool}>
     */
    private array $classes = [];

    /** @var list<array{string, int}> of the file that is read: token, line */
    private array $tokens = [];

    public function read(string $file, string $text): void
    {
        $this->tokens = self::tokensOf($text);
        // The scopes around the current token: a name, or null for the braces of a function.
        $scopes = [];
        $count = count($this->tokens);
        for ($at = 0; $at < $count; $at++) {
            $token = $this->tokens[$at][0];
            $name = $this->scopeThatOpens($at);
            if ($name !== null) {
                $is_class = $token !== 'namespace';
                $place = "$file:{$this->tokens[$at][1]}";
                $open = $this->next($at, '{');
                // The name without its scopes, as constructors and destructors have it.
                $class = $is_class ? preg_replace('/^.*::/', '', $name) : null;
                $scopes[] = ['name' => $name, 'class' => $class];
                $path = implode('::', array_filter(array_column($scopes, 'name')));
                if ($is_class) {
                    // Two files may have classes of one name in their unnamed namespaces.
                    $path = isset($this->classes[$path]) ? "$path $place" : $path;
                    $bases = $this->basesBetween($at + 1, $open);
                    $this->classes[$path] =
                        ['place' => $place, 'bases' => $bases, 'ends' => false, 'copy' => false,
                            'assign' => false];
                }
                $scopes[array_key_last($scopes)]['path'] = $path;
                $at = $open;
            } elseif ($token === '{') {
                $scopes[] = ['name' => null, 'class' => null];
            } elseif ($token === '}') {
                array_pop($scopes);
            } elseif ($scopes !== [] && end($scopes)['class'] !== null) {
                $this->readMember($at, end($scopes)['path'], end($scopes)['class']);
            }
        }
    }

    /** @return list<string> */
    public function findings(): array
    {
        $findings = [];
        foreach ($this->classes as $path => $class) {
            if ($class['ends'] && !($class['copy'] && $class['assign']) && !$this->pinned($path)) {
                $name = explode(' ', $path)[0];
                $findings[] = "{$class['place']}: $name has a destructor: expected base::Pinned "
                    . 'as a base, or copy or move members of its own';
            }
        }
        return $findings;
    }

    /** The name of the class or namespace whose definition begins at `$at`; null for all else. */
    private function scopeThatOpens(int $at): ?string
    {
        $token = $this->tokens[$at][0];
        if ($token === 'namespace') {
            $name = $this->tokens[$at + 1][0];
            $open = $name === '{' ? $at + 1 : $at + 2;
            return ($this->tokens[$open][0] ?? '') === '{' ? ($name === '{' ? '' : $name) : null;
        }
        $before = $this->tokens[$at - 1][0] ?? '';
        if (!in_array($token, ['class', 'struct'], true) || $before === 'enum') {
            return null;
        }
        $name = $this->tokens[$at + 1][0] ?? '';
        $after = $this->tokens[$at + 2][0] ?? '';
        return in_array($after, ['{', ':', 'final'], true) && preg_match('/^\w/', $name)
            ? $name : null;
    }

    private function readMember(int $at, string $path, string $class): void
    {
        $token = $this->tokens[$at][0];
        $next = $this->tokens[$at + 1][0] ?? '';
        if ($token === '~' && $next === $class) {
            $this->classes[$path]['ends'] = !$this->isDefaulted($at);
        } elseif ($token === $class && $next === '(') {
            $argument = array_column(array_slice($this->tokens, $at + 2, 3), 0);
            $copies = $argument === ['const', $class, '&'];
            $moves = array_slice($argument, 0, 2) === [$class, '&&'];
            $this->classes[$path]['copy'] = $this->classes[$path]['copy'] || $copies || $moves;
        } elseif ($token === 'operator' && $next === '=') {
            $this->classes[$path]['assign'] = ($this->tokens[$at + 2][0] ?? '') === '(' ||
                $this->classes[$path]['assign'];
        }
    }

    private function isDefaulted(int $at): bool
    {
        for (; !in_array($this->tokens[$at][0], [';', '{'], true); $at++) {
            if (in_array($this->tokens[$at][0], ['default', 'delete'], true)) {
                return true;
            }
        }
        return false;
    }

    private function next(int $at, string $token): int
    {
        while ($this->tokens[$at][0] !== $token) {
            $at++;
        }
        return $at;
    }

    /** @return list<string> names as they are written */
    private function basesBetween(int $from, int $to): array
    {
        $words = array_column(array_slice($this->tokens, $from, $to - $from), 0);
        $colon = array_search(':', $words, true);
        if ($colon === false) {
            return [];
        }
        $plain = fn (string $word): bool => preg_match('/^\w/', $word) === 1
            && !in_array($word, ['public', 'private', 'protected', 'virtual'], true);
        return array_values(array_filter(array_slice($words, $colon + 1), $plain));
    }

    private function pinned(string $path): bool
    {
        if ($path === self::PINNED) {
            return true;
        }
        foreach ($this->classes[$path]['bases'] ?? [] as $base) {
            $scope = explode(' ', $path)[0];
            do {
                $scope = preg_replace('/(^|::)\w+$/', '', $scope);
                $found = ltrim("$scope::$base", ':');
                if (isset($this->classes[$found]) || $found === self::PINNED) {
                    break;
                }
                // As after `using namespace phork`, which tests say.
                $found = $scope === '' ? "phork::$base" : '';
            } while ($scope !== '');
            if ($found !== $path && $this->pinned($found)) {
                return true;
            }
        }
        return false;
    }

    /** @return list<array{string, int}> without comments, directives and line ends */
    private static function tokensOf(string $text): array
    {
        preg_match_all(self::TOKEN, $text, $matches);
        $tokens = [];
        $line = 1;
        foreach ($matches[0] as $token) {
            if (!preg_match('~^(//|/\*|\#|\n)~', $token)) {
                $tokens[] = [$token, $line];
            }
            $line += substr_count($token, "\n");
        }
        return $tokens;
    }
}

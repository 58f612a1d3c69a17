<?php
// SPDX-License-Identifier: MIT
//
// Declarations: constants by name, and the numbers of the rest, which would be too long to list. A
// class with a file is left out, and so is its file: it is the same whichever event loads it first.

declare(strict_types=1);

namespace Phork\Audit\State;

use Generator;
use Phork\Audit\OwnFiles;
use Phork\Audit\ValueHash;
use ReflectionClass;

final readonly class CodeState
{
    private const LIBRARY = 'phork\\';

    public function __construct(private ValueHash $hash)
    {
    }

    /** @return Generator<string, string> */
    public function constants(): Generator
    {
        foreach (get_defined_constants(true)['user'] ?? [] as $name => $value) {
            yield $name => $this->hash->of($value);
        }
    }

    /** @return array<string, int> */
    public function counts(): array
    {
        $files = [];
        $others = 0;
        foreach (self::classes() as $class) {
            // False for PHP's own classes, and no existing file for evaluated code.
            $file = (string) $class->getFileName();
            if (is_file($file)) {
                $files[$file] = true;
            } else {
                ++$others;
            }
        }
        $included = array_filter(
            get_included_files(),
            static fn (string $file): bool =>
                !isset($files[$file]) && !OwnFiles::contain($file),
        );
        $functions = array_filter(get_defined_functions()['user'], self::isTheirs(...));

        return [
            'classes of no file' => $others,
            'files of no class' => \count($included),
            'functions' => \count($functions),
        ];
    }

    /** @return Generator<ReflectionClass> every declared class, interface and trait */
    private static function classes(): Generator
    {
        $names = [
            ...get_declared_classes(), ...get_declared_interfaces(), ...get_declared_traits(),
        ];
        foreach (array_filter($names, self::isTheirs(...)) as $name) {
            yield new ReflectionClass($name);
        }
    }

    private static function isTheirs(string $name): bool
    {
        return strncasecmp($name, self::LIBRARY, \strlen(self::LIBRARY)) !== 0;
    }
}

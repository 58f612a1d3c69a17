<?php
// SPDX-License-Identifier: MIT
//
// One edit that makes the product wrong, and the test that has to notice. `find` occurs once in
// `file`; `put` takes its place.

declare(strict_types=1);

final class Mutation
{
    public function __construct(
        public readonly string $room,
        public readonly string $file,
        public readonly string $find,
        public readonly string $put,
        public readonly Suite $suite,
        public readonly string $test,
        public readonly string $why,
    ) {
    }

    /** Why the edit cannot be made or judged in the tree `$root`; null when it can. */
    public function objection(string $root): ?string
    {
        $text = @file_get_contents("$root/$this->file");
        if ($text === false) {
            return "no file '$this->file'";
        }
        $count = substr_count($text, $this->find);
        if ($count !== 1) {
            return "'$this->find' occurs $count times in $this->file, expected once";
        }
        if ($this->find === $this->put) {
            return "the edit of $this->file changes nothing";
        }
        if ($this->why === '') {
            return "the edit of $this->file has no reason";
        }
        return $this->suite->objection($root, $this->test);
    }

    /** The text of the file with the edit. */
    public function apply(string $text): string
    {
        return str_replace($this->find, $this->put, $text);
    }

    /** One line for the table. */
    public function name(): string
    {
        return "$this->file: $this->why";
    }
}

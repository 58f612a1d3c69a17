<?php
// SPDX-License-Identifier: MIT
//
// A copy of the tree with a build folder of its own, in which edits are made. It is kept between
// runs: only what has changed is copied and compiled again.

declare(strict_types=1);

final class ScratchTree
{
    public function __construct(private readonly string $root, public readonly string $path)
    {
    }

    /** Makes the copy equal to the tree, and its build folder if there is none. */
    public function refresh(): void
    {
        $known = $this->git(['ls-files', '--cached', '--others', '--exclude-standard', '-z']);
        $files = array_filter(explode("\0", $known), fn ($file) => is_file("$this->root/$file"));
        foreach ($files as $file) {
            $this->copy($file);
        }
        $this->removeOthers(array_flip($files));
        if (!is_file("$this->path/build/build.ninja")) {
            $this->demand(['meson', 'setup', 'build', '-Dphp=' . getenv('PHORK_PHP')], 600);
        }
    }

    /** Puts the file's own text back, after an edit. */
    public function restore(string $file): void
    {
        copy("$this->root/$file", "$this->path/$file");
    }

    public function edit(Mutation $mutation): void
    {
        $text = file_get_contents("$this->root/$mutation->file");
        file_put_contents("$this->path/$mutation->file", $mutation->apply($text));
    }

    /**
     * Runs a command in the copy and ends it, with its children, after `$seconds`.
     *
     * @param list<string> $command
     * @return array{int, string} the exit code, 124 when it took too long, and the output
     */
    public function run(array $command, int $seconds): array
    {
        $limited = ['timeout', '--kill-after=10', (string) $seconds, ...$command];
        $environment = ['PHORK_SOURCE' => $this->path, 'PHORK_BUILD' => "$this->path/build"];
        $output = tmpfile();
        $streams = [0 => ['file', '/dev/null', 'r'], 1 => $output, 2 => $output];
        $process = proc_open($limited, $streams, $pipes, $this->path, $environment + getenv());
        $code = proc_close($process);
        rewind($output);
        return [$code, stream_get_contents($output)];
    }

    /** @param list<string> $command */
    public function demand(array $command, int $seconds): void
    {
        [$code, $output] = $this->run($command, $seconds);
        if ($code !== 0) {
            throw new RuntimeException(implode(' ', $command) . ": exit code $code\n$output");
        }
    }

    private function copy(string $file): void
    {
        $from = "$this->root/$file";
        $to = "$this->path/$file";
        if (is_file($to) && file_get_contents($to) === file_get_contents($from)) {
            return;
        }
        if (!is_dir(dirname($to))) {
            mkdir(dirname($to), 0777, true);
        }
        copy($from, $to);
        chmod($to, fileperms($from) & 0777);
    }

    /** @param array<string, int> $files those that stay */
    private function removeOthers(array $files): void
    {
        $folder = new RecursiveDirectoryIterator($this->path, FilesystemIterator::SKIP_DOTS);
        $skipped = fn (SplFileInfo $each) => $each->getPathname() !== "$this->path/build";
        $walk = new RecursiveCallbackFilterIterator($folder, $skipped);
        foreach (new RecursiveIteratorIterator($walk) as $file) {
            $name = substr($file->getPathname(), strlen($this->path) + 1);
            if (!isset($files[$name])) {
                unlink($file->getPathname());
            }
        }
    }

    /** @param list<string> $arguments */
    private function git(array $arguments): string
    {
        $command = ['git', '-C', $this->root, ...$arguments];
        $process = proc_open($command, [1 => ['pipe', 'w']], $pipes);
        $output = stream_get_contents($pipes[1]);
        if (proc_close($process) !== 0) {
            throw new RuntimeException('mutate: list the files of the tree: git has failed');
        }
        return $output;
    }
}

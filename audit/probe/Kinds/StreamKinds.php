<?php
// SPDX-License-Identifier: MIT
//
// Files, and wrappers and filters that code registers. The probe opens no file at boot: children
// share the offset and locks of a descriptor that is older than the fork, and the seal reports it.

declare(strict_types=1);

namespace Phork\Audit\Kinds;

use Generator;
use PDO;
use Phork\Audit\Family;
use Phork\Audit\Group;
use Phork\Audit\Kept;
use Phork\Audit\Kind;
use Phork\Audit\Needs;
use Phork\Audit\Planted\Filter;
use Phork\Audit\Planted\Wrapper;
use Phork\Audit\Proc;
use Phork\Audit\Scratch;
use TypeError;

final class StreamKinds implements Family
{
    public function group(): Group
    {
        return Group::Streams;
    }

    public function kinds(): iterable
    {
        yield from $this->files();
        yield from $this->directories();
        yield from $this->registered();
        yield new Kind(
            'default-stream-context',
            'an option of the default stream context',
            static fn () => stream_context_get_options(
                stream_context_get_default(),
            )['http']['user_agent'] ?? null,
            static fn () => stream_context_set_default(['http' => ['user_agent' => 'phork-audit']]),
        );
        yield new Kind(
            'database-connection',
            'a database in the memory of a connection to SQLite',
            static fn () => Kept::get('database')?->query('SELECT count(*) FROM planted')
                ->fetchColumn(),
            static fn () => Kept::put('database', new PDO('sqlite::memory:'))
                ->exec('CREATE TABLE planted (id)'),
            Needs::extension('pdo_sqlite'),
        );
    }

    private function files(): Generator
    {
        yield new Kind(
            'open-file',
            'the descriptor of a file kept in a static property',
            static fn () => str_contains(implode(' ', Proc::descriptors()), '-open-file'),
            static function (): void {
                $file = Scratch::file('open-file');
                Kept::put('file', fopen($file, 'w'));
                unlink($file);
            },
            Needs::file('/proc/self/fd'),
        );
        yield new Kind(
            'file-offset',
            'the read position of a file kept in a static property',
            static fn () => \is_resource(Kept::get('offset')) ? ftell(Kept::get('offset')) : null,
            static fn () => fseek(Kept::put('offset', fopen(__FILE__, 'r')), 7),
        );
        yield new Kind(
            'file-lock',
            'a lock on a file',
            static fn () => self::isLocked(Scratch::file('lock')),
            static fn () => flock(Kept::put('lock', fopen(Scratch::file('lock'), 'c')), LOCK_EX),
        );
        yield new Kind(
            'temporary-file',
            'a file of tmpfile()',
            static fn () => self::temporaryFiles() !== [],
            static fn () => fwrite(Kept::put('tmpfile', tmpfile()), Scratch::name('tmpfile')),
        );
        $stream = fopen('php://temp', 'w+');
        yield new Kind(
            'temporary-stream-of-boot',
            'the contents of a php://temp opened at boot',
            static fn () => stream_get_contents($stream, null, 0),
            static fn () => fwrite($stream, 'planted'),
        );
    }

    private static function isLocked(string $file): bool
    {
        $handle = is_file($file) ? fopen($file, 'r') : false;

        return $handle !== false && !flock($handle, LOCK_EX | LOCK_NB);
    }

    /** @return list<string> */
    private static function temporaryFiles(): array
    {
        $mark = Scratch::name('tmpfile');
        // Files of other processes may be unreadable or disappear.
        $holdsMark = static fn (string $file): bool =>
            @file_get_contents($file, length: \strlen($mark)) === $mark;

        return array_filter(glob(sys_get_temp_dir() . '/php*'), $holdsMark);
    }

    private function directories(): Generator
    {
        yield new Kind(
            'default-directory',
            'the default directory of readdir()',
            static function (): bool {
                try {
                    // The directory was opened at its beginning, so rewinding changes nothing.
                    rewinddir();

                    return true;
                } catch (TypeError) {
                    return false;
                }
            },
            static fn () => opendir(__DIR__),
        );
    }

    private function registered(): Generator
    {
        yield new Kind(
            'stream-wrapper',
            'a registered stream wrapper',
            static fn () => \in_array('phork-audit', stream_get_wrappers(), true),
            static fn () => stream_wrapper_register('phork-audit', Wrapper::class),
        );
        yield new Kind(
            'removed-stream-wrapper',
            "a stream wrapper of PHP's own that is unregistered",
            static fn () => !\in_array('glob', stream_get_wrappers(), true),
            static fn () => stream_wrapper_unregister('glob'),
        );
        yield new Kind(
            'stream-filter',
            'a registered stream filter',
            static fn () => \in_array('phork-audit', stream_get_filters(), true),
            static fn () => stream_filter_register('phork-audit', Filter::class),
        );
    }
}

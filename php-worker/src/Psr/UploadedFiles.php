<?php
// SPDX-License-Identifier: MIT
//
// Converts $_FILES to the form of PSR-7: one object for each file, nested like the names of the
// form fields. PHP has a tree for each property instead (`name`, `tmp_name`, ...) with a leaf per
// file.

declare(strict_types=1);

namespace Phork\Psr;

use Psr\Http\Message\UploadedFileInterface;
use RuntimeException;

final readonly class UploadedFiles
{
    public function __construct(private Psr17Factories $factories)
    {
    }

    /**
     * @param array<array-key, array<string, mixed>> $files
     * @return array<array-key, mixed> trees with UploadedFileInterface as leaves
     */
    public function normalise(array $files): array
    {
        return array_map($this->branch(...), $files);
    }

    /**
     * @param array<string, mixed> $file an entry of $_FILES: five properties, or trees of them
     * @return array<array-key, mixed>|UploadedFileInterface
     */
    private function branch(array $file): array|UploadedFileInterface
    {
        if (!\is_array($file['tmp_name'])) {
            return $this->leaf($file);
        }
        $branches = [];
        foreach (array_keys($file['tmp_name']) as $key) {
            $branches[$key] = $this->branch(array_map(
                static fn (mixed $values): mixed => \is_array($values) ? $values[$key] : $values,
                $file,
            ));
        }

        return $branches;
    }

    /** @param array{tmp_name: string, size: int, error: int, name: string, type: string} $file */
    private function leaf(array $file): UploadedFileInterface
    {
        try {
            $stream = $file['error'] === UPLOAD_ERR_OK
                ? $this->factories->streams->createStreamFromFile($file['tmp_name'])
                : $this->factories->streams->createStream();
        } catch (RuntimeException) {
            // Report it to the handler like any other upload that failed.
            $file['error'] = UPLOAD_ERR_CANT_WRITE;
            $stream = $this->factories->streams->createStream();
        }

        return $this->factories->files->createUploadedFile(
            $stream,
            $file['size'],
            $file['error'],
            $file['name'],
            $file['type'],
        );
    }
}

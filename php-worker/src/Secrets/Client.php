<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Secrets;

use Throwable;

/** AWS's two stores of secrets, by an SDK of the application. Methods throw what that throws. */
interface Client
{
    /** @return iterable<string, mixed> values of parameters by their names, decrypted texts */
    public function parametersBelow(string $path): iterable;

    /** @return array{string, ?string} its name and its text, null for one of bytes */
    public function secret(string $id): array;

    /** AWS's code of an error, such as AccessDeniedException; null for one that is not AWS's. */
    public function codeOf(Throwable $error): ?string;

    /** Null when AWS has answered. */
    public function problemOf(Throwable $error): ?Problem;
}

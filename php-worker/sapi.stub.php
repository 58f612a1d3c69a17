<?php
// SPDX-License-Identifier: MIT
//
// Functions of php-worker/sapi/worker_script.cpp, for PHPStan.

declare(strict_types=1);

namespace Phork\Bridge\FrankenPhp;

/** Runs the file at global scope. */
function runScript(string $file): mixed
{
}

/** True when this process serves no request after the current one. */
function isLastRequest(): bool
{
}

/** Tells the SAPI whether only another boot can serve another request. */
function endsScript(bool $ends): void
{
}

<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Console;

use RuntimeException;

/** A command ended with an exit code that is not 0, and its caller wants that to fail the event. */
final class CommandFailed extends RuntimeException
{
}

<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Secrets;

use RuntimeException;

/** The message names what PHORK_SECRETS asks for, and never a value, nor a text of the SDK's. */
final class SecretsFailed extends RuntimeException
{
}

<?php
// SPDX-License-Identifier: MIT

declare(strict_types=1);

namespace Phork\Worker;

use RuntimeException;

/** The entry file ran but returned nothing that can serve events: boot fails. */
final class UnusableEntry extends RuntimeException
{
}

<?php
// SPDX-License-Identifier: MIT
//
// CodeKinds includes this file to plant, and SharedKinds puts it into the opcode cache.

declare(strict_types=1);

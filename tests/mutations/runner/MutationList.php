<?php
// SPDX-License-Identifier: MIT
//
// Reads the lists beside this folder, one for each room.

declare(strict_types=1);

require_once __DIR__ . '/Mutation.php';
require_once __DIR__ . '/Suite.php';

final class MutationList
{
    /** @return list<Mutation> of the tree `$root`, or of one room of it */
    public static function read(string $root, string $only = ''): array
    {
        $all = [];
        foreach (glob("$root/tests/mutations/*.php") as $list) {
            $room = basename($list, '.php');
            if ($only !== '' && $only !== $room) {
                continue;
            }
            foreach (require $list as $edit) {
                $suite = Suite::named($edit['suite']);
                $all[] = new Mutation(
                    $room,
                    $edit['file'],
                    $edit['find'],
                    $edit['put'],
                    $suite,
                    $edit['test'],
                    $edit['why'],
                );
            }
        }
        return $all;
    }
}

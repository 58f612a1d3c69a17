<?php
// SPDX-License-Identifier: MIT
//
// A comment begins with its subject. "What came" names nothing; "The bytes that came" does. So no
// comment, and no paragraph of one, opens with one of these words.

declare(strict_types=1);

final class CommentRule
{
    private const HEADLESS = '(What|Whoever|Whether|That|Who)';

    /** @return array<int, string> the word that is wrong, by line from 1 */
    public function findings(string $kind, array $lines): array
    {
        $mark = in_array($kind, ['sh', 'build', 'yaml', 'py'], true) ? '#' : '(?://|/\*\*?|\*)';
        $text_before = false;
        $findings = [];
        foreach ($lines as $index => $line) {
            $is_comment = preg_match("~^\\s*$mark(?: (.*))?$~", $line, $match) === 1;
            $text = preg_replace('~^@\w+ \S+ ~', '', $match[1] ?? '');
            $opens = $is_comment && !$text_before
                ? $text
                : (preg_match("~^[^\"']*\\S  (?:#|//) (.*)$~", $line, $behind) ? $behind[1] : '');
            if (preg_match('/^' . self::HEADLESS . ' /', $opens, $word)) {
                $findings[$index + 1] = $word[1];
            }
            $text_before = $is_comment && $text !== '' && !str_starts_with($text, 'SPDX');
        }
        return $findings;
    }
}

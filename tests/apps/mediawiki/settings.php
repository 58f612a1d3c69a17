<?php
// SPDX-License-Identifier: MIT
//
// MediaWiki's settings (MW_CONFIG_FILE): those of its installer, with uploads on and names of pages
// in PATH_INFO. MediaWiki writes below APP_DATA only, and img_auth.php serves uploaded files,
// because a function has no web server beside it.

require getenv('APP_DATA') . '/LocalSettings.php';

$wgEnableUploads = true;
$wgUploadDirectory = getenv('APP_DATA') . '/images';
$wgUploadPath = '/img_auth.php';
$wgUsePathInfo = true;
$wgUseImageMagick = false;
// All jobs run after the next answer; with the default of one job, chance decides which one runs.
$wgJobRunRate = 100;
wfLoadExtension('Cite');
wfLoadExtension('ParserFunctions');

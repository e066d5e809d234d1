import { S3ServiceException } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { findGcsProblem } from './gcs-problem.ts';
import { findS3Problem } from './s3-problem.ts';

const withCode = (code: string | number, message = 'broken') => Object.assign(new Error(message), { code });

function s3Error(name: string, httpStatusCode: number): Error {
  return new S3ServiceException({ name, $fault: 'client', message: name, $metadata: { httpStatusCode } });
}

describe('an error of S3', () => {
  test.each([
    [s3Error('NoSuchBucket', 404), 'NO_BUCKET'],
    [s3Error('PermanentRedirect', 301), 'WRONG_REGION'],
    [s3Error('AuthorizationHeaderMalformed', 400), 'WRONG_REGION'],
    [s3Error('InvalidAccessKeyId', 403), 'WRONG_CREDENTIALS'],
    [s3Error('SignatureDoesNotMatch', 403), 'WRONG_CREDENTIALS'],
    [s3Error('AccessDenied', 403), 'NO_PERMISSION'],
    [s3Error('Unknown', 403), 'NO_PERMISSION'],
    [s3Error('RequestTimeTooSkewed', 403), 'CLOCK_SKEW'],
    [s3Error('SlowDown', 503), 'UNREACHABLE'],
    [s3Error('InvalidRequest', 400), 'OTHER'],
    [withCode('ECONNREFUSED'), 'UNREACHABLE'],
    [withCode('ENOTFOUND'), 'UNREACHABLE'],
    [withCode('CERT_HAS_EXPIRED'), 'UNREACHABLE'],
    [new Error('DNS lookup 10.0.0.1 is not allowed. Because, It is private IP address.'), 'FORBIDDEN_ADDRESS'],
    [new TypeError('x is not a function'), null],
  ])('%s is %s', (error, problem) => {
    expect(findS3Problem(error)).toBe(problem);
  });
});

describe('an error of Google Cloud Storage', () => {
  test.each([
    [withCode(404, 'The specified bucket does not exist.'), 'NO_BUCKET'],
    [withCode(404, 'No such object: a/b'), null],
    [withCode(401), 'WRONG_CREDENTIALS'],
    [withCode('400', 'invalid_grant: Invalid JWT Signature.'), 'WRONG_CREDENTIALS'],
    [
      withCode(
        '400',
        'invalid_grant: Token must be short-lived and in a reasonable timeframe. Check your iat and exp values.',
      ),
      'CLOCK_SKEW',
    ],
    [withCode('ERR_OSSL_UNSUPPORTED', 'error:1E08010C:DECODER routines::unsupported'), 'WRONG_CREDENTIALS'],
    [withCode(403), 'NO_PERMISSION'],
    [withCode(412), null],
    [withCode(429), 'UNREACHABLE'],
    [withCode(503), 'UNREACHABLE'],
    [withCode('ECONNRESET'), 'UNREACHABLE'],
    [withCode(400), 'OTHER'],
    [new TypeError('x is not a function'), null],
  ])('%s is %s', (error, problem) => {
    expect(findGcsProblem(error)).toBe(problem);
  });
});

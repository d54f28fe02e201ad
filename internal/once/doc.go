// Package once gives a request that is sent twice the answer of the first time.
package once

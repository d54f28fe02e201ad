// Package api serves JSON with an OpenAPI description.
package api

// Package media keeps files and makes safe image sizes.
package media

package adapt

// The tables. A number without a page that gives it is marked so (Source.Told). Where a network says "characters" and
// not what it means by them, code units of UTF-16 are counted: a text that fits so fits by every other count.

const (
	kB = 1000
	mB = 1000 * kB
	gB = 1000 * mB

	kiB = 1 << 10
	miB = 1 << 20
	giB = 1 << 30
)

// read is the day on which the pages were read.
const read = "2026-11-26"

// noFiles is the rule of a sort of file that is not taken.
func noFiles() FileRules { return FileRules{Most: -1, Alt: -1} }

func mastodon() Rules {
	return Rules{
		Network: Mastodon, Unit: Graphemes, Max: 500, Link: 23, Thread: true,
		Warning: true, Clickable: true, Mentions: true, Tags: Inline, FacetUnit: Bytes,
		Media: MediaRules{
			Most:      4,
			Image:     FileRules{Most: 4, Bytes: 16 * miB, MIME: []string{"image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "image/heif", "image/avif"}, MaxPixels: 33177600, Alt: 1500},
			Animation: FileRules{Most: 1, Bytes: 16 * miB, MIME: []string{"image/gif", "video/mp4", "video/webm"}, MaxPixels: 1280 * 720, Alt: 1500},
			Video:     FileRules{Most: 1, Bytes: 99 * miB, MIME: []string{"video/mp4", "video/quicktime", "video/webm", "video/x-m4v"}, Alt: 1500},
		},
		Sources: []Source{
			{What: "text, links, mentions, warning, media", Address: "https://docs.joinmastodon.org/user/posting/", Told: true, Read: read},
			{What: "the server's own limits, descriptions", Address: "https://docs.joinmastodon.org/entities/Instance/", Told: true, Quoted: true, Read: read},
		},
	}
}

func bluesky() Rules {
	return Rules{
		Network: Bluesky, Unit: Graphemes, Max: 300, Bytes: 3000, Thread: true,
		Clickable: true, NamedLinks: true, Mentions: true, Card: true, Tags: Inline, TagLength: 64, FacetUnit: Bytes,
		Media: MediaRules{
			Most:      4,
			Image:     FileRules{Most: 4, Bytes: 2 * mB, MIME: []string{"image/jpeg", "image/png", "image/webp", "image/gif"}, MaxWidth: 2000, MaxHeight: 2000, Alt: 2000},
			Animation: noFiles(),
			Video:     FileRules{Most: 1, Bytes: 100 * mB, MIME: []string{"video/mp4"}, MaxSeconds: 180, Alt: 1000},
		},
		Sources: []Source{
			{What: "text", Address: "https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json", Told: true, Read: read},
			{What: "facets", Address: "https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/richtext/facet.json", Told: true, Read: read},
			{What: "images", Address: "https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/images.json", Told: true, Read: read},
			{What: "video, its description", Address: "https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/video.json", Told: true, Read: read},
			{What: "seconds of a video, sides and descriptions of images", Address: "https://docs.bsky.app/docs/advanced-guides/posts", Read: read},
		},
	}
}

func x() Rules {
	return Rules{
		Network: X, Unit: Weighted, Max: 280, Link: 23, Thread: true,
		Clickable: true, Mentions: true, Tags: Inline, FacetUnit: Bytes,
		Media: MediaRules{
			Most:      4,
			Image:     FileRules{Most: 4, Bytes: 5 * mB, MIME: []string{"image/jpeg", "image/png", "image/webp", "image/gif"}, Alt: 1000},
			Animation: FileRules{Most: 1, Bytes: 15 * mB, MIME: []string{"image/gif"}, MaxWidth: 1280, MaxHeight: 1080, Alt: 1000},
			Video:     FileRules{Most: 1, Bytes: 8 * gB, MIME: []string{"video/mp4", "video/quicktime"}, MinSeconds: 0.5, MaxSeconds: 1200, MinAspect: 1.0 / 3, MaxAspect: 3, MinWidth: 32, MinHeight: 32, Alt: -1},
		},
		Sources: []Source{
			{What: "text", Address: "https://docs.x.com/fundamentals/counting-characters", Told: true, Read: read},
			{What: "weights", Address: "https://github.com/twitter/twitter-text/blob/master/config/v3.json", Told: true, Read: read},
			{What: "media", Address: "https://docs.x.com/x-api/media/quickstart/best-practices", Told: true, Read: read},
			{What: "descriptions", Address: "https://developer.x.com/en/docs/media/upload-media/api-reference/post-media-metadata-create", Told: true, Read: read},
		},
	}
}

func telegram() Rules {
	return Rules{
		Network: Telegram, Unit: UTF16, Max: 4096, Caption: 1024, Thread: true,
		Clickable: true, NamedLinks: true, Formatting: true, Mentions: true, Tags: Inline, FacetUnit: UTF16,
		Media: MediaRules{
			Most: 10, Mixed: true,
			Image:     FileRules{Most: 10, Bytes: 10 * mB, MIME: []string{"image/jpeg", "image/png", "image/webp"}, MaxSum: 10000, MinAspect: 1.0 / 20, MaxAspect: 20, Alt: -1},
			Animation: FileRules{Most: 1, Bytes: 50 * mB, MIME: []string{"image/gif", "video/mp4"}, Alt: -1},
			Video:     FileRules{Most: 10, Bytes: 50 * mB, MIME: []string{"video/mp4"}, Alt: -1},
		},
		Sources: []Source{
			{What: "text, captions, media", Address: "https://core.telegram.org/bots/api#sendmessage", Told: true, Quoted: true, Read: read},
			{What: "entities", Address: "https://core.telegram.org/bots/api#messageentity", Told: true, Quoted: true, Read: read},
			{What: "pictures", Address: "https://core.telegram.org/bots/api#sendphoto", Told: true, Quoted: true, Read: read},
			{What: "albums", Address: "https://core.telegram.org/bots/api#sendmediagroup", Told: true, Quoted: true, Read: read},
		},
	}
}

// site is an article. What a site takes is for its owner to say; WordPress sets no limit of its own.
func site() Rules {
	return Rules{
		Network: Site, Unit: Graphemes, HasTitle: true, NeedsTitle: true,
		Clickable: true, NamedLinks: true, Formatting: true, Tags: NoTags, TagsApart: true, FacetUnit: Bytes,
		Media: MediaRules{
			Mixed:     true,
			Image:     FileRules{MIME: []string{"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"}},
			Animation: FileRules{MIME: []string{"image/gif", "video/mp4", "video/webm"}},
			Video:     FileRules{MIME: []string{"video/mp4", "video/quicktime", "video/webm", "video/ogg"}},
		},
		Sources: []Source{
			{What: "title, text, media", Address: "https://developer.wordpress.org/rest-api/reference/posts/", Told: true, Quoted: true, Read: read},
		},
	}
}

// mail is a plain letter: a line of a subject may have 998 characters, and 78 are shown everywhere.
func mail() Rules {
	return Rules{
		Network: Mail, Unit: Graphemes, HasTitle: true, NeedsTitle: true, Title: 78, Clickable: true, Tags: NoTags, FacetUnit: Bytes,
		Media: MediaRules{
			Mixed:     true,
			Image:     FileRules{Bytes: 10 * mB, MIME: []string{"image/jpeg", "image/png", "image/gif"}, Alt: -1},
			Animation: FileRules{Bytes: 10 * mB, MIME: []string{"image/gif"}, Alt: -1},
			Video:     noFiles(),
		},
		Sources: []Source{
			{What: "subject", Address: "https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1", Told: true, Quoted: true, Read: read},
			{What: "size of files", Address: "https://www.rfc-editor.org/rfc/rfc1870", Read: read},
		},
	}
}

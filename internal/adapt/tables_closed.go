package adapt

func threads() Rules {
	return Rules{
		Network: Threads, Unit: EmojiByte, Max: 500, Thread: true,
		Clickable: true, Mentions: true, Card: true, Tags: Inline, MaxTags: 1, TagLength: 50, MaxLinks: 5, FacetUnit: Bytes,
		Media: MediaRules{
			Most: 20, Mixed: true,
			Image:     FileRules{Most: 20, Bytes: 8 * mB, MIME: []string{"image/jpeg", "image/png"}, MaxWidth: 1440, MinAspect: 0.1, MaxAspect: 10, Alt: 1000},
			Animation: noFiles(),
			Video:     FileRules{Most: 20, Bytes: 1 * gB, MIME: []string{"video/mp4", "video/quicktime"}, MaxSeconds: 300, MaxWidth: 1920, MinAspect: 0.01, MaxAspect: 10, Codecs: []string{"h264", "hevc"}, Alt: 1000},
		},
		Sources: []Source{
			{What: "text", Address: "https://developers.facebook.com/documentation/threads/posts", Told: true, Read: read},
			{What: "tags, links, media", Address: "https://developers.facebook.com/documentation/threads/posts", Told: true, Quoted: true, Read: read},
		},
	}
}

func linkedIn() Rules {
	return Rules{
		Network: LinkedIn, Unit: UTF16, Max: 3000,
		Clickable: true, Mentions: true, Card: true, Tags: AtEnd, FacetUnit: Bytes,
		Media: MediaRules{
			Most:      20,
			Image:     FileRules{Most: 20, MIME: []string{"image/jpeg", "image/png", "image/gif"}, MaxPixels: 36152319, Alt: 4086},
			Animation: FileRules{Most: 1, MIME: []string{"image/gif"}, MaxPixels: 36152319, Alt: 4086},
			Video:     FileRules{Most: 1, Bytes: 500 * mB, MIME: []string{"video/mp4"}, MinSeconds: 3, MaxSeconds: 1800, Alt: -1},
		},
		Sources: []Source{
			{What: "escaping, mentions, tags", Address: "https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/little-text-format", Told: true, Read: read},
			{What: "length of the text", Address: "https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api", Read: read},
			{What: "images, descriptions", Address: "https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/images-api", Told: true, Quoted: true, Read: read},
			{What: "number of images", Address: "https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/multiimage-post-api", Told: true, Quoted: true, Read: read},
			{What: "video", Address: "https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/videos-api", Told: true, Quoted: true, Read: read},
		},
	}
}

func facebook() Rules {
	return Rules{
		Network: Facebook, Unit: UTF16, Max: 63206,
		Clickable: true, Card: true, Tags: Inline, FacetUnit: Bytes,
		Media: MediaRules{
			Most:      10,
			Image:     FileRules{Most: 10, Bytes: 4 * mB, MIME: []string{"image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff"}, Alt: 1000},
			Animation: FileRules{Most: 1, Bytes: 4 * mB, MIME: []string{"image/gif"}, Alt: 1000},
			Video:     FileRules{Most: 1, Bytes: 10 * gB, MIME: []string{"video/mp4", "video/quicktime"}, MaxSeconds: 4 * 3600, Alt: -1},
		},
		Sources: []Source{
			{What: "pictures", Address: "https://developers.facebook.com/docs/graph-api/reference/page/photos", Told: true, Quoted: true, Read: read},
			{What: "length of the text, number of pictures, video", Address: "https://developers.facebook.com/docs/pages-api/posts", Read: read},
		},
	}
}

func instagram() Rules {
	return Rules{
		Network: Instagram, Unit: UTF16, Max: 2200,
		Mentions: true, Tags: AtEnd, MaxTags: 30, MaxMentions: 20, NeedsMedia: true, FacetUnit: Bytes,
		Media: MediaRules{
			Most: 10, Mixed: true,
			Image:     FileRules{Most: 10, Bytes: 8 * miB, MIME: []string{"image/jpeg"}, MaxWidth: 1440, MinAspect: 0.8, MaxAspect: 1.91, Alt: 1000},
			Animation: noFiles(),
			Video:     FileRules{Most: 10, Bytes: 300 * mB, MIME: []string{"video/mp4", "video/quicktime"}, MinSeconds: 3, MaxSeconds: 900, MaxWidth: 1920, MinAspect: 0.01, MaxAspect: 10, Codecs: []string{"h264", "hevc"}, Alt: -1},
		},
		Sources: []Source{
			{What: "text, tags, mentions, shape of pictures", Address: "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes/", Told: true, Quoted: true, Read: read},
			{What: "media", Address: "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media", Told: true, Quoted: true, Read: read},
			{What: "several files, descriptions", Address: "https://developers.facebook.com/docs/instagram-platform/content-publishing/", Told: true, Read: read},
		},
	}
}

func google() Rules {
	return Rules{
		Network: Google, Unit: UTF16, Max: 1500,
		Card: true, Tags: NoTags, FacetUnit: Bytes,
		Media: MediaRules{
			Most:      1,
			Image:     FileRules{Most: 1, Bytes: 5 * mB, MIME: []string{"image/jpeg", "image/png"}, MinWidth: 250, MinHeight: 250, Alt: -1},
			Animation: noFiles(),
			Video:     noFiles(),
		},
		Sources: []Source{
			{What: "button, media", Address: "https://developers.google.com/my-business/reference/rest/v4/accounts.locations.localPosts", Told: true, Read: read},
			{What: "length of the text, size of pictures", Address: "https://support.google.com/business/answer/7342169", Read: read},
		},
	}
}

func youTube() Rules {
	return Rules{
		Network: YouTube, Unit: UTF16, Max: 5000,
		Clickable: true, Tags: Inline, FacetUnit: Bytes,
		Media: MediaRules{
			Most:      10,
			Image:     FileRules{Most: 10, Bytes: 16 * mB, MIME: []string{"image/jpeg", "image/png", "image/gif", "image/webp"}, MinAspect: 0.4, MaxAspect: 2.5, Alt: -1},
			Animation: FileRules{Most: 1, Bytes: 16 * mB, MIME: []string{"image/gif"}, MinAspect: 0.4, MaxAspect: 2.5, Alt: -1},
			Video:     noFiles(),
		},
		Sources: []Source{
			{What: "number of pictures", Address: "https://developers.google.com/youtube/data/reference/rest/v3/posts", Told: true, Read: read},
			{What: "pictures", Address: "https://developers.google.com/youtube/data/reference/rest/v3/posts/imageUpload", Told: true, Read: read},
			{What: "length of the text", Address: "https://developers.google.com/youtube/data/reference/rest/v3/posts", Read: read},
		},
	}
}

func pinterest() Rules {
	return Rules{
		Network: Pinterest, Unit: UTF16, Max: 800, Title: 100, HasTitle: true,
		Card: true, MaxCard: 2048, Tags: AtEnd, NeedsMedia: true, FacetUnit: Bytes,
		Media: MediaRules{
			Most:      5,
			Image:     FileRules{Most: 5, Bytes: 20 * mB, MIME: []string{"image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff"}, Alt: 500},
			Animation: FileRules{Most: 1, Bytes: 20 * mB, MIME: []string{"image/gif"}, Alt: 500},
			Video:     FileRules{Most: 1, Bytes: 1 * gB, MIME: []string{"video/mp4", "video/quicktime", "video/x-m4v"}, MinSeconds: 4, MaxSeconds: 900, MinAspect: 0.5, MaxAspect: 1.91, Codecs: []string{"h264", "hevc"}, Alt: 500},
		},
		Sources: []Source{
			{What: "title, text, link, descriptions", Address: "https://github.com/pinterest/api-description/blob/main/v5/openapi.yaml", Told: true, Read: read},
			{What: "media", Address: "https://help.pinterest.com/en/article/review-pin-specs", Read: read},
		},
	}
}

### Charts.

charts-measured = { $unit } a { $bucket }
charts-nothing = There is nothing to draw.
charts-read-out = { $title }, in { $measured }. The values stand in the table below.
charts-as-table = As a table
charts-titled-table = { $title } as a table
charts-caption = { $title }, { $measured }
charts-figure = { $label }: { $figure }
charts-compared = { $label }: { $figure }
charts-stage = Stage
charts-bar = Bar
charts-invitees = Invitees
charts-of-first = Of the first
charts-of-stage-before = Of the stage before

### Countries.

countries-title = 国家/地区
countries-metric = 指标
countries-what-it-counts = 统计口径
countries-unknown = 未知
countries-by-country = 各国家/地区的{ $metric }
countries-country = 国家/地区
countries-all-metrics = 全部指标
countries-every-metric = 各国家/地区的全部指标
countries-none = 这些日期内任何国家/地区都没有数据。
countries-not-yet = 被邀请人的国家/地区仅向已批准的联盟会员开放，您还不是联盟会员。
countries-suspended = 被邀请人的国家/地区仅向已批准的联盟会员开放，您的资格已暂停。
countries-closed = 国家/地区未向您开放。
countries-counted = 国家/地区
